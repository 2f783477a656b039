public import Foundation
public import LetheRecords

/// Everything that fixes the shape of a residual network (arXiv:1512.03385) and the names of its
/// tensors.
public struct ResNetConfiguration: Sendable, Hashable {
    /// Whose tensor names and configuration a checkpoint uses.
    public enum Naming: String, Sendable, Hashable, CaseIterable {
        /// The usual small networks for CIFAR: `layer1.0.shortcut.0`, `linear`.
        case cifar = "CifarResNet"
        /// torchvision: `layer1.0.downsample.0`, `fc`.
        case torchvision = "ResNet"
        /// transformers.
        case huggingFace = "ResNetForImageClassification"
    }

    /// What one residual block computes.
    public enum Block: String, Sendable, Hashable {
        /// Two 3x3 convolutions.
        case basic
        /// A 1x1 convolution to a quarter of the channels, a 3x3 one, and a 1x1 one back.
        case bottleneck
    }

    /// What comes before the first block.
    public enum Stem: String, Sendable, Hashable {
        /// A 3x3 convolution at full size.
        case cifar
        /// A 7x7 convolution of stride 2 and a maximum pool of stride 2.
        case imagenet
    }

    /// What goes around a block that changes the shape.
    public enum Shortcut: String, Sendable, Hashable {
        /// Every second pixel, with zero channels on both sides (option A of the paper).
        case padded
        /// A 1x1 convolution with batch normalisation (option B).
        case projected
    }

    /// Where a stage applies the rectifier to its sums.
    public enum Rectifier: String, Sendable, Hashable {
        /// After every addition, as in the paper.
        case afterAddition
        /// Once, after the last block of the stage.
        case afterStage
        /// Nowhere.
        case none
    }

    /// Whose names the tensors have.
    public var naming: Naming
    /// How many classes the head tells apart.
    public var classCount: Int
    /// The name of each class, if the configuration has them.
    public var classNames: [String]?
    /// The side of the square images, in pixels; nil where any size will do.
    public var imageSize: Int?
    /// Image channels: 1 or 3.
    public var channels: Int
    /// What comes before the first block.
    public var stem: Stem
    /// The channels that leave the stem.
    public var stemChannels: Int
    /// What one block computes.
    public var block: Block
    /// The channels that leave each stage.
    public var stageChannels: [Int]
    /// How many blocks each stage has.
    public var blocksPerStage: [Int]
    /// By how much each stage's first block shrinks the image.
    public var stageStrides: [Int]
    /// Whether a bottleneck shrinks in its first convolution (the paper) or in its 3x3 one.
    public var shrinksFirst = false
    /// What goes around a block that changes the shape.
    public var shortcut = Shortcut.projected
    /// Where a stage applies the rectifier to its sums.
    public var rectifier = Rectifier.afterAddition
    /// The side of the windows that are averaged at the end; nil averages the whole image.
    public var poolSize: Int?

    /// A network under torchvision's names, with projected shortcuts; other kinds are made by
    /// changing its parts.
    ///
    /// - Parameters:
    ///   - classCount: how many classes the head tells apart.
    ///   - imageSize: the side of the square images, in pixels; nil where any size will do.
    ///   - stem: what comes before the first block.
    ///   - block: what one block computes.
    ///   - stageChannels: the channels that leave each stage.
    ///   - blocksPerStage: how many blocks each stage has.
    public init(
        classCount: Int, imageSize: Int?, stem: Stem, block: Block, stageChannels: [Int],
        blocksPerStage: [Int]
    ) {
        naming = .torchvision
        self.classCount = classCount
        self.imageSize = imageSize
        channels = 3
        self.stem = stem
        stemChannels = 64
        self.block = block
        self.stageChannels = stageChannels
        self.blocksPerStage = blocksPerStage
        stageStrides = stageChannels.indices.map { $0 == 0 ? 1 : 2 }
    }

    /// Reads `config.json` of a model folder.
    ///
    /// - Throws: `notFound`, `malformed`, or `unsupported` naming the setting.
    public init(folder: URL) throws(LetheError) {
        let json = try ConfigurationFile.read(folder.appending(path: "config.json"))
        self = try ResNetConfigurationReading.read(json)
    }

    /// The reference class, as `architectures` of config.json names it.
    public var architectureName: String { naming.rawValue }

    /// The length of what `features` returns for an image.
    public var featureWidth: Int {
        let channels = stageChannels.last ?? 0
        guard let poolSize, let mapSize else { return channels }
        return channels * (mapSize / poolSize) * (mapSize / poolSize)
    }

    /// The side of the image that leaves the last stage, where the size is fixed.
    var mapSize: Int? {
        guard let imageSize else { return nil }
        let strides = (stem == .imagenet ? [2, 2] : []) + stageStrides
        return strides.reduce(imageSize) { ($0 + $1 - 1) / $1 }
    }

    /// This configuration, if its parts fit together.
    ///
    /// - Throws: `malformed` or `unsupported` naming the part that does not.
    func validated() throws(LetheError) -> ResNetConfiguration {
        let stages = stageChannels.count
        guard stages > 0, blocksPerStage.count == stages, stageStrides.count == stages else {
            throw ConfigurationFile.malformed("its lists for each stage differ in length")
        }
        var limits: [(String, Int, ClosedRange<Int>)] = [
            ("number of classes", classCount, 1...1_000_000), ("number of stages", stages, 1...16),
            ("image size", imageSize ?? 1, 1...16_384),
            ("stem's number of channels", stemChannels, 1...65_536),
        ]
        limits += stageChannels.map { ("number of channels", $0, 1...65_536) }
        limits += blocksPerStage.map { ("number of blocks", $0, 1...1_000) }
        limits += stageStrides.map { ("stride", $0, 1...16) }
        for (name, value, range) in limits where !range.contains(value) {
            throw ConfigurationFile.malformed("the \(name), \(value), is not in \(range)")
        }
        guard channels == 1 || channels == 3 else {
            throw ConfigurationFile.unsupported(
                "A model with \(channels) channels",
                remedy: "Use a model that takes grey (1) or RGB (3) images.")
        }
        guard classNames == nil || classNames?.count == classCount else {
            throw ConfigurationFile.malformed(
                "\(classNames?.count ?? 0) names for \(classCount) classes")
        }
        try checkFit()
        return self
    }

    private func checkFit() throws(LetheError) {
        if block == .bottleneck, let odd = stageChannels.first(where: { $0 % 4 != 0 }) {
            throw ConfigurationFile.malformed("a bottleneck cannot quarter \(odd) channels")
        }
        if shortcut == .padded {
            let widths = [stemChannels] + stageChannels
            let fits = zip(widths, stageChannels).allSatisfy { $1 >= $0 && ($1 - $0) % 2 == 0 }
            guard fits else {
                throw ConfigurationFile.malformed("zeros cannot widen \(widths) evenly")
            }
        }
        guard let poolSize else { return }
        guard poolSize > 0, let mapSize, poolSize <= mapSize else {
            throw ConfigurationFile.malformed(
                "a pool of \(poolSize) does not fit an image of \(imageSize ?? 0) pixels")
        }
    }
}
