import LetheRecords

/// Builds layers from the parameters of a checkpoint.
struct LayerFactory {
    private let parameters: [String: NamedTensor]

    init(_ parameters: [NamedTensor]) {
        self.parameters = Dictionary(parameters.map { ($0.name, $0) }) { $1 }
    }

    func parameter(_ name: String) throws(LetheError) -> NamedTensor {
        guard let parameter = parameters[name] else {
            throw LetheError(code: .malformed, message: "The checkpoint has no tensor \(name).")
        }
        return parameter
    }

    func optionalParameter(_ name: String) -> NamedTensor? { parameters[name] }

    func linear(_ name: String) throws(LetheError) -> LinearLayer {
        LinearLayer(
            name: name, weight: try parameter(name + ".weight"),
            bias: parameters[name + ".bias"])
    }

    func norm(_ name: String, epsilon: Double) throws(LetheError) -> NormalizationLayer {
        NormalizationLayer(
            weight: try parameter(name + ".weight"), bias: try parameter(name + ".bias"),
            epsilon: epsilon)
    }

    /// - Parameter padding: nil puts half a kernel on each side.
    func convolution(
        _ plan: ConvolutionPlan, padding: ConvolutionLayer.Padding? = nil, momentum: Double = 0.1,
        epsilon: Double = 1e-5
    ) throws(LetheError) -> NormalizedConvolution {
        NormalizedConvolution(
            convolution: ConvolutionLayer(
                name: plan.name, weight: try parameter(plan.name + ".weight"), bias: nil,
                stride: plan.stride, padding: padding ?? .zeros(plan.kernel / 2),
                groups: plan.groups),
            normalization: try BatchNormalizationLayer(
                name: plan.normalizationName, parts: self, momentum: momentum, epsilon: epsilon))
    }
}
