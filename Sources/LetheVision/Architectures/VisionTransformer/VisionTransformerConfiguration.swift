public import Foundation
public import LetheRecords

/// Everything that fixes the shape of a vision transformer and the names of its tensors.
public struct VisionTransformerConfiguration: Sendable, Hashable {
    /// The class of the reference implementation.
    public enum Family: String, Sendable, Hashable {
        /// ViT (arXiv:2010.11929).
        case vit
        /// DeiT with a distillation token (arXiv:2012.12877).
        case deit
        /// DINOv2 with LayerScale (arXiv:2304.07193).
        case dinov2
    }

    /// Whose tensor names and configuration a checkpoint uses.
    public enum Naming: String, Sendable, Hashable {
        /// transformers.
        case huggingFace
        /// timm.
        case timm
    }

    /// What the head sees of the last layer's tokens.
    public enum Pooling: String, Sendable, Hashable {
        /// The class token.
        case classToken
        /// The class token and, behind it, the mean of the patch tokens.
        case classTokenAndPatchMean
        /// The mean of the patch tokens, normalised after taking the mean.
        case patchMean
        /// The class token and the distillation token, each with a head; logits are averaged.
        case classAndDistillationTokens
    }

    /// The function between the two feed-forward layers.
    public enum Activation: String, Sendable, Hashable {
        /// GELU with the error function.
        case gelu
        /// GELU by its tanh approximation.
        case geluTanh
        /// `x * sigmoid(1.702 x)`.
        case quickGelu
    }

    /// The reference class.
    public var family: Family
    /// Whose names the tensors have.
    public var naming: Naming
    /// How many classes the head tells apart.
    public var classCount: Int
    /// The name of each class, if the configuration has them.
    public var classNames: [String]?
    /// The side of the square images that the position grid is made for, in pixels.
    public var imageSize: Int
    /// The side of a square patch, in pixels.
    public var patchSize: Int
    /// Image channels: 1 or 3.
    public var channels: Int
    /// The length of a token.
    public var width: Int
    /// How many encoder blocks there are.
    public var depth: Int
    /// How many attention heads a block has.
    public var headCount: Int
    /// The length of a token between the two feed-forward layers.
    public var feedForwardWidth: Int
    /// Added to the variance in every layer normalisation.
    public var epsilon: Double
    /// The function between the two feed-forward layers.
    public var activation: Activation
    /// Whether query, key and value have biases.
    public var hasQueryKeyValueBias: Bool
    /// The first value of LayerScale; nil where there is none.
    public var layerScale: Double?
    /// What the head sees.
    public var pooling: Pooling
    /// The standard deviation of random weights.
    public var initializerRange: Double

    /// A ViT under Hugging Face names; other families are made by changing its parts.
    ///
    /// - Parameters:
    ///   - classCount: how many classes the head tells apart.
    ///   - imageSize: the side of the square images, in pixels.
    ///   - patchSize: the side of a patch, in pixels.
    ///   - channels: 1 or 3.
    ///   - width: the length of a token.
    ///   - depth: how many encoder blocks there are.
    ///   - headCount: attention heads a block.
    ///   - feedForwardWidth: the inner width of the feed-forward layers.
    public init(
        classCount: Int, imageSize: Int, patchSize: Int, channels: Int, width: Int, depth: Int,
        headCount: Int, feedForwardWidth: Int, classNames: [String]? = nil
    ) {
        family = .vit
        naming = .huggingFace
        self.classCount = classCount
        self.classNames = classNames
        self.imageSize = imageSize
        self.patchSize = patchSize
        self.channels = channels
        self.width = width
        self.depth = depth
        self.headCount = headCount
        self.feedForwardWidth = feedForwardWidth
        epsilon = 1e-6
        activation = .gelu
        hasQueryKeyValueBias = true
        layerScale = nil
        pooling = .classToken
        initializerRange = 0.02
    }

    /// Reads `config.json` of a Hugging Face or timm model folder.
    ///
    /// - Throws: `notFound`, `malformed`, or `unsupported` naming the architecture or the setting.
    public init(folder: URL) throws(LetheError) {
        let json = try ConfigurationFile.read(folder.appending(path: "config.json"))
        if json["architecture"]?.stringValue == nil {
            self = try HuggingFaceConfiguration.read(json)
        } else {
            self = try TimmConfiguration.read(json)
        }
    }

    /// The reference class, as `architectures` of config.json names it, or timm's family.
    public var architectureName: String {
        guard naming == .huggingFace else { return "timm \(family.rawValue)" }
        return switch family {
        case .vit: "ViTForImageClassification"
        case .deit:
            pooling == .classToken
                ? "DeiTForImageClassification" : "DeiTForImageClassificationWithTeacher"
        case .dinov2: "Dinov2ForImageClassification"
        }
    }
    /// Whether a distillation token follows the class token.
    public var hasDistillationToken: Bool { family == .deit }
    /// Whether images of other sizes are accepted, their positions interpolated.
    public var interpolatesPositions: Bool { family == .dinov2 && naming == .huggingFace }
    /// How many tokens precede those of the patches.
    public var prefixTokenCount: Int { hasDistillationToken ? 2 : 1 }
    /// Patches along one side of an image of `imageSize`.
    public var gridSize: Int { imageSize / patchSize }
    /// The length of what `features` returns for an image.
    public var featureWidth: Int {
        switch pooling {
        case .classToken, .patchMean: width
        case .classTokenAndPatchMean, .classAndDistillationTokens: 2 * width
        }
    }

    /// This configuration, if its parts fit together.
    ///
    /// - Throws: `malformed` or `unsupported` naming the part that does not.
    func validated() throws(LetheError) -> VisionTransformerConfiguration {
        let limits: [(String, Int, ClosedRange<Int>)] = [
            ("number of classes", classCount, 1...1_000_000), ("image size", imageSize, 1...16_384),
            ("patch size", patchSize, 1...max(1, imageSize)), ("hidden size", width, 1...65_536),
            ("number of layers", depth, 1...1_000),
            ("number of heads", headCount, 1...max(1, width)),
            ("feed-forward width", feedForwardWidth, 1...1_000_000),
        ]
        for (name, value, range) in limits where !range.contains(value) {
            throw ConfigurationFile.malformed("the \(name), \(value), is not in \(range)")
        }
        guard channels == 1 || channels == 3 else {
            throw LetheError(
                code: .unsupported, message: "Models with \(channels) channels are not supported.",
                remedy: "Use a model that takes grey (1) or RGB (3) images.")
        }
        guard width % headCount == 0 else {
            throw ConfigurationFile.malformed(
                "\(headCount) heads do not divide a hidden size of \(width)")
        }
        guard epsilon > 0, epsilon < 1 else {
            throw ConfigurationFile.malformed("the layer norm epsilon is \(epsilon)")
        }
        guard classNames == nil || classNames?.count == classCount else {
            throw ConfigurationFile.malformed(
                "\(classNames?.count ?? 0) names for \(classCount) classes")
        }
        return self
    }

    /// Writes `config.json` for a new model; transformers reads it.
    ///
    /// - Throws: `unsupported` for timm names, `io` if the file cannot be written.
    public func write(to url: URL) throws(LetheError) {
        guard naming == .huggingFace else {
            throw ConfigurationFile.unsupported(
                "Writing a timm configuration",
                remedy: "Create the model under Hugging Face names.")
        }
        try ConfigurationFile.write(HuggingFaceConfiguration.write(self), to: url)
    }
}
