public import LetheRecords
public import LetheTensor

/// A classifier whose first blocks can be computed apart from the rest.
public protocol BlockwiseClassifier: ImageClassifier {
    /// What a block sees.
    ///
    /// - Parameters:
    ///   - images: [batch, channels, height, width], preprocessed.
    ///   - block: The block's position, from 0; at most the number of blocks.
    /// - Returns: [batch, tokens, width], or maps, [batch, channels, height, width].
    /// - Throws: `invalidArgument` for images of a wrong shape or size.
    func tokens(_ images: Tensor, before block: Int) throws(LetheError) -> Tensor

    /// What the head sees, from what a block sees.
    ///
    /// - Parameter tokens: What `tokens` returned for that block.
    /// - Returns: [batch, `featureWidth`].
    func features(tokens: Tensor, from block: Int) throws(LetheError) -> Tensor
}

/// The blocks of a classifier from one on, with its head: a classifier of that block's tokens.
///
/// Where only these blocks change, what lies below is computed once for a sample and not again.
/// Shares its layers with the whole; whatever is done to one is done to both.
public final class UpperBlocks: ImageClassifier {
    /// The classifier that this is the upper part of.
    public let whole: any BlockwiseClassifier
    /// The position of the first block, from 0.
    public let firstBlock: Int

    /// Takes the upper part of a classifier.
    ///
    /// - Throws: `unsupported` if it has no blocks that can be computed apart, `invalidArgument` if
    ///   no block is left.
    public init(of model: any ImageClassifier, from firstBlock: Int) throws(LetheError) {
        guard let whole = model as? any BlockwiseClassifier else {
            throw LetheError(
                code: .unsupported,
                message: "The blocks of a \(model.architectureName) cannot be computed apart.",
                remedy: "Adapt or train all blocks: set adaptedBlockCount, or "
                    + "trainedBlockCount, to 0 in the recipe.")
        }
        let blockCount = model.adapterBlocks.count
        guard (0..<blockCount).contains(firstBlock) else {
            throw LetheError(
                code: .invalidArgument,
                message: "There is no block \(firstBlock) in a \(model.architectureName) of "
                    + "\(blockCount) blocks.",
                remedy: "Name a block from 0 to \(blockCount - 1).")
        }
        self.whole = whole
        self.firstBlock = firstBlock
    }

    /// What the first of these blocks sees of images; constant as long as only these blocks change.
    public func inputs(_ images: Tensor) throws(LetheError) -> Tensor {
        try whole.tokens(images, before: firstBlock)
    }

    /// The reference class of the whole.
    public var architectureName: String { whole.architectureName }
    /// How many classes the head tells apart.
    public var classCount: Int { whole.classCount }
    /// The length of what `features` returns for a sample.
    public var featureWidth: Int { whole.featureWidth }
    /// Every tensor of the whole checkpoint.
    public var parameters: [NamedTensor] { whole.parameters }
    /// The header of the file that the model came from.
    public var header: SafetensorsHeader? { whole.header }
    /// The device that the parameters are on.
    public var device: Device { whole.device }
    /// That of the whole.
    public var isTraining: Bool {
        get { whole.isTraining }
        set { whole.isTraining = newValue }
    }
    /// Those of these blocks.
    public var adapterBlocks: [AdapterBlock] { Array(whole.adapterBlocks.dropFirst(firstBlock)) }
    /// Those of the whole.
    public var quantizableLayers: QuantizableLayers { whole.quantizableLayers }

    /// What the head sees.
    ///
    /// - Parameter tokens: What `inputs` returned.
    public func features(_ tokens: Tensor) throws(LetheError) -> Tensor {
        try whole.features(tokens: tokens, from: firstBlock)
    }

    /// The scores of every class from what the head sees.
    public func classify(features: Tensor) throws(LetheError) -> Tensor {
        try whole.classify(features: features)
    }
}
