public import Foundation
public import LetheRecords
public import LetheTensor

extension VisionTransformer {
    /// Loads a model from a folder in the layout of a Hugging Face or timm repository:
    /// `config.json` with `model.safetensors`, or with shards and their index.
    ///
    /// - Parameters:
    ///   - folder: the model's folder.
    ///   - device: where the model computes.
    /// - Throws: `unsupported` for an architecture, a setting or a tensor type that is not handled,
    ///   `malformed` naming missing, unexpected or misshapen tensors, `refused` for a pickle,
    ///   `notFound`, `device`.
    public static func load(
        folder: URL, device: Device = .cpu
    ) throws(LetheError) -> VisionTransformer {
        try device.requireAvailable()
        let configuration = try VisionTransformerConfiguration(folder: folder)
        let files = try CheckpointFiles(
            folder: folder, specifications: specifications(configuration))
        return try VisionTransformer(
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
    ) throws(LetheError) -> (configuration: VisionTransformerConfiguration, parameterCount: Int) {
        let configuration = try VisionTransformerConfiguration(folder: folder).validated()
        let files = try CheckpointFiles(
            folder: folder, specifications: specifications(configuration))
        return (configuration, files.parameterCount)
    }

    private static func specifications(
        _ configuration: VisionTransformerConfiguration
    ) -> [ParameterSpecification] {
        CheckpointNames(configuration: configuration).specifications()
    }

    /// Makes a model with random weights, as the reference classes of transformers do: weights
    /// normal with `initializerRange`, biases 0, norms 1, LayerScale constant.
    ///
    /// transformers truncates the normal distribution at -2 and 2, a hundred deviations away.
    ///
    /// - Parameters:
    ///   - configuration: the shape of the model.
    ///   - generator: where the numbers come from; the order of the tensors is that of their names.
    ///   - device: where the model computes.
    /// - Throws: `malformed` or `unsupported` for a configuration whose parts do not fit together.
    public static func create(
        _ configuration: VisionTransformerConfiguration, generator: Generator,
        device: Device = .cpu
    ) throws(LetheError) -> VisionTransformer {
        let configuration = try configuration.validated()
        let parameters = try specifications(configuration).initialParameters(
            generator: generator, device: device)
        return try VisionTransformer(
            configuration, parameters: parameters, header: nil, device: device)
    }
}
