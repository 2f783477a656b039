public import Foundation
public import LetheRecords

/// Everything that fixes the shape of an EfficientNet-Lite: the EfficientNet (arXiv:1905.11946)
/// without squeeze-and-excitation, with ReLU6.
public struct EfficientNetLiteConfiguration: Sendable, Hashable {
    /// A few blocks that have the same shape, but for the first one's stride.
    public struct Stage: Sendable, Hashable {
        /// How many blocks there are.
        public var blocks: Int
        /// The channels that leave each block.
        public var channels: Int
        /// By how much the first block shrinks the image.
        public var stride: Int
        /// The side of the depthwise kernel.
        public var kernel: Int
        /// By how much a block widens its channels inside.
        public var expansion: Int

        /// A stage of blocks.
        public init(blocks: Int, channels: Int, stride: Int, kernel: Int, expansion: Int) {
            self.blocks = blocks
            self.channels = channels
            self.stride = stride
            self.kernel = kernel
            self.expansion = expansion
        }
    }

    /// How many classes the head tells apart.
    public var classCount: Int
    /// The name of each class, if the configuration has them.
    public var classNames: [String]?
    /// The side of the square images, in pixels.
    public var imageSize: Int
    /// Image channels: 1 or 3.
    public var channels: Int
    /// The channels that leave the first convolution.
    public var stemChannels: Int
    /// The channels that leave the last convolution, and that the head sees.
    public var headChannels: Int
    /// The stages, from the input on.
    public var stages: [Stage]

    /// Reads `config.json` of a model folder (docs/FORMAT.md).
    ///
    /// - Throws: `notFound`, `malformed`, or `unsupported` naming the setting.
    public init(folder: URL) throws(LetheError) {
        try self.init(ConfigurationFile.read(folder.appending(path: "config.json")))
    }

    private init(_ json: JSONValue) throws(LetheError) {
        guard json["architectures"]?.arrayValue?.first?.stringValue == Self.architectureName else {
            throw ConfigurationFile.unsupported(
                "An architecture other than \(Self.architectureName)",
                remedy: "Give the folder of an EfficientNet-Lite.")
        }
        classCount = try json.integer("num_labels")
        classNames = try json.classNames()
        imageSize = try json.integer("image_size")
        channels = try json.integer("num_channels", default: 3)
        stemChannels = try json.integer("stem_channels", default: 32)
        headChannels = try json.integer("head_channels", default: 1280)
        let blocks = try json.integers("blocks_per_stage")
        let widths = try json.integers("stage_channels")
        let strides = try json.integers("stage_strides")
        let kernels = try json.integers("stage_kernels")
        let expansions = try json.integers("stage_expansions")
        let counts = [widths.count, strides.count, kernels.count, expansions.count]
        guard counts.allSatisfy({ $0 == blocks.count }) else {
            throw ConfigurationFile.malformed("its lists for each stage differ in length")
        }
        stages = blocks.indices.map {
            Stage(
                blocks: blocks[$0], channels: widths[$0], stride: strides[$0], kernel: kernels[$0],
                expansion: expansions[$0])
        }
        try validate()
    }

    /// What `architectures` of config.json names.
    public static let architectureName = "EfficientNetLite"

    /// Refuses parts that do not fit together.
    func validate() throws(LetheError) {
        var limits: [(String, Int, ClosedRange<Int>)] = [
            ("number of classes", classCount, 1...1_000_000),
            ("number of stages", stages.count, 1...32), ("image size", imageSize, 1...16_384),
            ("stem's number of channels", stemChannels, 1...65_536),
            ("head's number of channels", headChannels, 1...65_536),
        ]
        for stage in stages {
            limits += [
                ("number of blocks", stage.blocks, 1...1_000),
                ("number of channels", stage.channels, 1...65_536),
                ("stride", stage.stride, 1...16), ("kernel", stage.kernel, 1...31),
                ("expansion", stage.expansion, 1...64),
            ]
        }
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
    }
}
