import LetheRecords

/// Builds layers from the parameters of a checkpoint.
struct LayerFactory {
    let configuration: VisionTransformerConfiguration
    private let parameters: [String: NamedTensor]

    init(_ configuration: VisionTransformerConfiguration, parameters: [NamedTensor]) {
        self.configuration = configuration
        self.parameters = Dictionary(parameters.map { ($0.name, $0) }) { $1 }
    }

    func parameter(_ name: String) throws(LetheError) -> NamedTensor {
        guard let parameter = parameters[name] else {
            throw LetheError(code: .malformed, message: "The checkpoint has no tensor \(name).")
        }
        return parameter
    }

    func linear(_ name: String) throws(LetheError) -> LinearLayer {
        LinearLayer(
            name: name, weight: try parameter(name + ".weight"),
            bias: parameters[name + ".bias"])
    }

    func norm(_ name: String) throws(LetheError) -> NormalizationLayer {
        NormalizationLayer(
            weight: try parameter(name + ".weight"), bias: try parameter(name + ".bias"),
            epsilon: configuration.epsilon)
    }
}
