public import LetheRecords
public import LetheTensor

/// A model whose layers compute as a low-bit model does: the first and the last with 8 bits, all
/// others with fewer (methods.md 4.4; the choice is ours).
///
/// Biases, normalisation, embeddings, attention products and a head of cosines stay in float32.
public final class ModelQuantization {
    /// The layers that are quantised, from the input on.
    public let layers: [any QuantizableLayer]
    /// Bits of an inner layer's weight; 0 for floating point.
    public let weightBits: Int
    /// Bits of an inner layer's input; 0 for floating point.
    public let activationBits: Int
    private let quantizers: [LayerQuantizer]

    /// Puts quantisers into the layers of a model.
    ///
    /// - Parameters:
    ///   - weightBits: Bits of a weight, 2...8; 0 leaves all weights.
    ///   - activationBits: Bits of a layer's input, 2...8; 0 leaves all inputs.
    ///   - isWritten: Whether the model may be written to a file; false for one that is only looked at.
    /// - Throws: `invalidArgument` for other numbers of bits, `unsupported` for a model that may be
    ///   written and whose weights are not stored in float32, which could not hold the grid exactly.
    public init(
        _ model: any ImageClassifier, weightBits: Int, activationBits: Int, isWritten: Bool = true
    ) throws(LetheError) {
        for bits in [weightBits, activationBits] where bits != 0 && !(2...8).contains(bits) {
            throw LetheError(
                code: .invalidArgument, message: "There is no quantisation with \(bits) bits.",
                remedy: "Give 2 to 8 bits, or 0 for floating point.")
        }
        if isWritten { try Self.requireFloat32(model) }
        let found = model.quantizableLayers
        let inner = Set(found.inner.map { ObjectIdentifier($0) })
        layers = found.all
        var quantizers: [LayerQuantizer] = []
        for layer in layers {
            let isInner = inner.contains(ObjectIdentifier(layer))
            let quantizer = try LayerQuantizer(
                weightBits: weightBits == 0 || isInner ? weightBits : 8,
                activationBits: activationBits == 0 || isInner ? activationBits : 8,
                device: model.device)
            layer.quantizer = quantizer
            quantizers.append(quantizer)
        }
        self.quantizers = quantizers
        self.weightBits = weightBits
        self.activationBits = activationBits
    }

    /// The quantisers that a model's checkpoint brought along; nil for a model in floating point.
    public init?(of model: any ImageClassifier) {
        let found = model.quantizableLayers
        quantizers = found.all.compactMap(\.quantizer)
        guard let inner = (found.inner + found.all).first?.quantizer,
            quantizers.count == found.all.count
        else { return nil }
        layers = found.all
        weightBits = inner.weightBits
        activationBits = inner.activationBits
    }

    /// The ranges of inputs, which training changes in place; empty where inputs are left.
    public var statistics: [Tensor] {
        quantizers.filter { $0.activationBits > 0 }.map(\.range)
    }

    /// Runs a body in which inputs are counted in their ranges.
    public func observing<Result>(
        _ body: () throws(LetheError) -> Result
    ) throws(LetheError) -> Result {
        for quantizer in quantizers { quantizer.isObserving = true }
        defer { for quantizer in quantizers { quantizer.isObserving = false } }
        return try body()
    }

    /// Puts the numbers of the grid into the weights: from here on the model computes the same
    /// with and without its weights' quantisers.
    ///
    /// - Throws: `tensor` if a weight cannot be written.
    public func settle() throws(LetheError) {
        try withoutGradient { () throws(LetheError) in
            for layer in layers {
                guard let quantizer = layer.quantizer else { continue }
                try layer.weight.copy(from: quantizer.weight(layer.weight))
            }
        }
    }

    private static func requireFloat32(_ model: any ImageClassifier) throws(LetheError) {
        guard let other = model.weights.first(where: { $0.storedType != .float32 }) else { return }
        throw LetheError(
            code: .unsupported,
            message: "The tensor \(other.name) is stored as \(other.storedType.rawValue), which "
                + "cannot hold a grid of integers exactly.",
            remedy: "Convert the model to float32, or set weightBits and activationBits to 0.")
    }
}

extension ModelQuantization? {
    /// Runs a body in which inputs are counted in their ranges, or as it is for a model in floating
    /// point.
    public func observing<Result>(
        _ body: () throws(LetheError) -> Result
    ) throws(LetheError) -> Result {
        guard let self else { return try body() }
        return try self.observing(body)
    }
}
