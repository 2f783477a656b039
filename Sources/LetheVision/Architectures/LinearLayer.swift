public import LetheRecords
public import LetheTensor

/// `y = x Wᵀ + b`, with an optional low-rank update beside the weight.
public final class LinearLayer {
    /// The name in the checkpoint without `.weight`, such as `dinov2.encoder.layer.0.mlp.fc1`.
    public let name: String
    /// An update that is added without touching the weight; nil for none.
    public var lowRank: LowRankUpdate?
    /// What weight and input go through, beside the low-rank update; nil for none.
    public var quantizer: LayerQuantizer?
    /// Sees every input, [..., inputs], before the layer is applied; nil for nobody.
    public var observer: ((Tensor) throws(LetheError) -> Void)?

    private let weightParameter: NamedTensor
    private let biasParameter: NamedTensor?

    init(name: String, weight: NamedTensor, bias: NamedTensor?) {
        self.name = name
        weightParameter = weight
        biasParameter = bias
    }

    /// The weight, [outputs, inputs].
    public var weight: Tensor {
        get { weightParameter.tensor }
        set { weightParameter.tensor = newValue }
    }

    /// The bias, [outputs], if the layer has one.
    public var bias: Tensor? {
        get { biasParameter?.tensor }
        set {
            if let newValue { biasParameter?.tensor = newValue }
        }
    }

    /// Applies the layer to the last dimension.
    ///
    /// - Parameter input: [..., inputs].
    /// - Returns: [..., outputs].
    /// - Throws: `tensor` if the sizes do not fit.
    public func callAsFunction(_ input: Tensor) throws(LetheError) -> Tensor {
        try observer?(input)
        let output: Tensor
        if let quantizer {
            output = try quantizer.input(input)
                .linear(weight: quantizer.weight(weight), bias: bias)
        } else {
            output = try input.linear(weight: weight, bias: bias)
        }
        guard let lowRank else { return output }
        return try output + lowRank(input)
    }
}

/// A low-rank update of a layer (LoRA, arXiv:2106.09685): `scale * (x Aᵀ) Bᵀ`.
public final class LowRankUpdate {
    /// A, [rank, inputs].
    public var down: Tensor
    /// B, [outputs, rank].
    public var up: Tensor
    /// The factor before the product; alpha / rank in the paper.
    public let scale: Double

    /// An update from its two factors.
    ///
    /// - Parameters:
    ///   - down: A, [rank, inputs].
    ///   - up: B, [outputs, rank].
    ///   - scale: the factor before the product.
    public init(down: Tensor, up: Tensor, scale: Double) {
        self.down = down
        self.up = up
        self.scale = scale
    }

    /// What is added to the layer's output.
    ///
    /// - Parameter input: [..., inputs].
    /// - Returns: [..., outputs].
    /// - Throws: `tensor` if the sizes do not fit.
    public func callAsFunction(_ input: Tensor) throws(LetheError) -> Tensor {
        let update = try input.linear(weight: down).linear(weight: up)
        return scale == 1 ? update : try update * scale
    }
}
