public import Foundation
public import LetheRecords
public import LetheTensor

extension ResNet {
    /// Loads a model from a folder with `config.json` and `model.safetensors`, or with shards and
    /// their index.
    ///
    /// - Parameters:
    ///   - folder: the model's folder.
    ///   - device: where the model computes.
    /// - Throws: `unsupported` for a setting or a tensor type that is not handled, `malformed`
    ///   naming missing, unexpected or misshapen tensors, `refused` for a pickle, `notFound`,
    ///   `device`.
    public static func load(folder: URL, device: Device = .cpu) throws(LetheError) -> ResNet {
        try device.requireAvailable()
        let plan = ResNetPlan(try ResNetConfiguration(folder: folder))
        let files = try CheckpointFiles(folder: folder, specifications: plan.specifications)
        return try ResNet(
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
    ) throws(LetheError) -> (configuration: ResNetConfiguration, parameterCount: Int) {
        let plan = ResNetPlan(try ResNetConfiguration(folder: folder))
        let files = try CheckpointFiles(folder: folder, specifications: plan.specifications)
        return (plan.configuration, files.parameterCount)
    }

    /// Makes a model with random weights, as torchvision does.
    ///
    /// Convolutions are normal by their outgoing connections (arXiv:1502.01852), normalisations 1
    /// and 0, the head evenly spread as torch's linear layers are. The small networks for CIFAR
    /// begin in the same way; their sources count the incoming connections.
    ///
    /// - Parameters:
    ///   - configuration: the shape of the model.
    ///   - generator: where the numbers come from; the order of the tensors is that of their names.
    ///   - device: where the model computes.
    /// - Throws: `malformed` or `unsupported` for a configuration whose parts do not fit together.
    public static func create(
        _ configuration: ResNetConfiguration, generator: Generator, device: Device = .cpu
    ) throws(LetheError) -> ResNet {
        let plan = ResNetPlan(try configuration.validated())
        let parameters = try plan.specifications.initialParameters(
            generator: generator, device: device)
        return try ResNet(plan, parameters: parameters, header: nil, device: device)
    }
}
