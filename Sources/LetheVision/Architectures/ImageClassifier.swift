public import LetheRecords
public import LetheTensor

/// A network that gives every class of an image a score: a body that makes features, a head on top.
///
/// Computes in float32. Not `Sendable`: it belongs to the thread or actor that loaded it.
public protocol ImageClassifier: AnyObject {
    /// The reference class, for example `Dinov2ForImageClassification`.
    var architectureName: String { get }
    /// How many classes the head tells apart.
    var classCount: Int { get }
    /// The length of what `features` returns for an image.
    var featureWidth: Int { get }
    /// Every tensor of the checkpoint, in its order; shared with the layers.
    var parameters: [NamedTensor] { get }
    /// The header of the file that the model came from, kept so that saving repeats it exactly.
    var header: SafetensorsHeader? { get }
    /// The device that the parameters are on.
    var device: Device { get }
    /// Whether batch normalisation looks at the batch, and counts it, instead of using its counts.
    var isTraining: Bool { get set }
    /// The layers that may take a low-rank update, block by block from the input on.
    var adapterBlocks: [AdapterBlock] { get }
    /// The layers whose weights and inputs may be quantised.
    var quantizableLayers: QuantizableLayers { get }

    /// What the head sees.
    ///
    /// - Parameter images: [batch, channels, height, width], preprocessed.
    /// - Returns: [batch, `featureWidth`].
    /// - Throws: `invalidArgument` for images of a wrong shape or size.
    func features(_ images: Tensor) throws(LetheError) -> Tensor

    /// The scores of every class from what the head sees.
    ///
    /// - Parameter features: [batch, `featureWidth`].
    /// - Returns: [batch, classes].
    /// - Throws: `tensor` if the width is wrong.
    func classify(features: Tensor) throws(LetheError) -> Tensor
}

/// The layers of one block that may take a low-rank update.
public struct AdapterBlock {
    /// Those that work on each token, or on each pixel of a map, alone.
    public let feedForward: [any AdaptableLayer]
    /// Query, key, value and output; empty where there is no attention.
    public let attention: [any AdaptableLayer]
}

extension ImageClassifier {
    /// The scores of every class.
    ///
    /// - Parameter images: [batch, channels, height, width], preprocessed.
    /// - Returns: [batch, classes].
    /// - Throws: `invalidArgument` for images of a wrong shape or size.
    public func logits(_ images: Tensor) throws(LetheError) -> Tensor {
        try classify(features: features(images))
    }

    /// What training changes, in the order of the checkpoint.
    public var weights: [NamedTensor] { parameters.filter { $0.role == .weight } }

    /// What training counts: statistics of batches and their number.
    public var statistics: [NamedTensor] {
        parameters.filter { $0.role == .statistic || $0.role == .counter }
    }
}
