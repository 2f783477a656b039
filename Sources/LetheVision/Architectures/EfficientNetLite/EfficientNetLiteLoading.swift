public import Foundation
public import LetheRecords
public import LetheTensor

extension EfficientNetLite {
    /// Loads a model from a folder with `config.json` and `model.safetensors`, or with shards and
    /// their index; `scripts/get-efficientnet-lite` makes one.
    ///
    /// - Parameters:
    ///   - folder: the model's folder.
    ///   - device: where the model computes.
    /// - Throws: `unsupported` for a setting or a tensor type that is not handled, `malformed`
    ///   naming missing, unexpected or misshapen tensors, `refused` for a pickle, `notFound`,
    ///   `device`.
    public static func load(
        folder: URL, device: Device = .cpu
    ) throws(LetheError) -> EfficientNetLite {
        try device.requireAvailable()
        let plan = EfficientNetLitePlan(try EfficientNetLiteConfiguration(folder: folder))
        let files = try CheckpointFiles(folder: folder, specifications: plan.specifications)
        return try EfficientNetLite(
            plan, parameters: files.parameters(on: device), header: files.singleHeader,
            device: device)
    }

    /// What `load` would load, from `config.json` and the headers alone: no number is read, and
    /// memory does not depend on the size of the model.
    ///
    /// - Returns: the configuration, and how many numbers the checkpoint holds.
    /// - Throws: what `load` throws.
    public static func inspect(
        folder: URL
    ) throws(LetheError) -> (configuration: EfficientNetLiteConfiguration, parameterCount: Int) {
        let plan = EfficientNetLitePlan(try EfficientNetLiteConfiguration(folder: folder))
        let files = try CheckpointFiles(folder: folder, specifications: plan.specifications)
        return (plan.configuration, files.parameterCount)
    }

    /// Makes a model with random weights that begin as torchvision's EfficientNets do, but for the
    /// head, which is evenly spread as torch's linear layers are.
    ///
    /// - Parameters:
    ///   - configuration: the shape of the model.
    ///   - generator: where the numbers come from; the order of the tensors is that of their names.
    ///   - device: where the model computes.
    /// - Throws: `malformed` or `unsupported` for a configuration whose parts do not fit together.
    public static func create(
        _ configuration: EfficientNetLiteConfiguration, generator: Generator,
        device: Device = .cpu
    ) throws(LetheError) -> EfficientNetLite {
        try configuration.validate()
        let plan = EfficientNetLitePlan(configuration)
        let parameters = try plan.specifications.initialParameters(
            generator: generator, device: device)
        return try EfficientNetLite(plan, parameters: parameters, header: nil, device: device)
    }
}
