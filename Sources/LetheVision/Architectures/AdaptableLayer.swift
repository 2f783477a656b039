import LetheRecords
import LetheTensor

/// A layer that can take a low-rank update beside its weight: a matrix that is multiplied with a
/// token, or with every pixel of a map.
public protocol AdaptableLayer: QuantizableLayer {
    /// An update that is added without touching the weight; nil for none.
    var lowRank: LowRankUpdate? { get set }
}

extension AdaptableLayer {
    /// How many numbers the layer sees of a token or a pixel.
    public var inputCount: Int { weight.shape[1] }
    /// How many numbers the layer gives of a token or a pixel.
    public var outputCount: Int { weight.shape[0] }
    /// What follows outputs and inputs in the weight's shape: nothing, or [1, 1] in a convolution.
    public var kernelShape: [Int] { Array(weight.shape.dropFirst(2)) }
}

extension LinearLayer: AdaptableLayer {}
extension ConvolutionLayer: AdaptableLayer {}

extension ConvolutionLayer {
    /// Whether the layer is a matrix that is multiplied with every pixel, so that an update of low
    /// rank is one of the whole layer.
    public var isPointwise: Bool {
        groups == 1 && stride == 1 && weight.shape.dropFirst(2).allSatisfy { $0 == 1 }
    }

    /// What a low-rank update adds: two convolutions of one pixel.
    func updated(
        _ output: Tensor, by update: LowRankUpdate, of input: Tensor
    ) throws(LetheError) -> Tensor {
        let down = try update.down.reshaped(update.down.shape + [1, 1])
        let up = try update.up.reshaped(update.up.shape + [1, 1])
        let change = try input.convolved2D(weight: down).convolved2D(weight: up)
        return try output + (update.scale == 1 ? change : change * update.scale)
    }
}
