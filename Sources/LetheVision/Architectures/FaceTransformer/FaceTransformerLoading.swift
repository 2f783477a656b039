public import Foundation
public import LetheRecords
public import LetheTensor

extension FaceTransformer {
    /// Loads a model from a folder with `config.json` and `model.safetensors`, or with shards and
    /// their index.
    ///
    /// - Parameters:
    ///   - folder: the model's folder.
    ///   - device: where the model computes.
    /// - Throws: `unsupported` for a setting or a tensor type that is not handled, `malformed`
    ///   naming missing, unexpected or misshapen tensors, `refused` for a pickle, `notFound`,
    ///   `device`.
    public static func load(
        folder: URL, device: Device = .cpu
    ) throws(LetheError) -> FaceTransformer {
        try device.requireAvailable()
        let configuration = try FaceTransformerConfiguration(folder: folder)
        let files = try CheckpointFiles(
            folder: folder,
            specifications: FaceTransformerNames(configuration: configuration).specifications)
        return try FaceTransformer(
            configuration, parameters: files.parameters(on: device), header: files.singleHeader,
            device: device)
    }

    /// What `load` would load, from `config.json` and the headers alone: no number is read, and
    /// memory does not depend on the size of the model.
    ///
    /// - Returns: the configuration, and how many numbers the checkpoint holds.
    /// - Throws: what `load` throws.
    public static func inspect(
        folder: URL
    ) throws(LetheError) -> (configuration: FaceTransformerConfiguration, parameterCount: Int) {
        let configuration = try FaceTransformerConfiguration(folder: folder)
        let files = try CheckpointFiles(
            folder: folder,
            specifications: FaceTransformerNames(configuration: configuration).specifications)
        return (configuration, files.parameterCount)
    }

    /// Makes a model with random weights, as the reference does: tokens and positions normal,
    /// linear layers evenly spread as torch's, norms 1 and 0.
    ///
    /// - Parameters:
    ///   - configuration: the shape of the model.
    ///   - generator: where the numbers come from; the order of the tensors is that of their names.
    ///   - device: where the model computes.
    /// - Throws: `malformed` or `unsupported` for a configuration whose parts do not fit together.
    public static func create(
        _ configuration: FaceTransformerConfiguration, generator: Generator,
        device: Device = .cpu
    ) throws(LetheError) -> FaceTransformer {
        try configuration.validate()
        let parameters = try FaceTransformerNames(configuration: configuration).specifications
            .initialParameters(generator: generator, device: device)
        return try FaceTransformer(
            configuration, parameters: parameters, header: nil, device: device)
    }
}
