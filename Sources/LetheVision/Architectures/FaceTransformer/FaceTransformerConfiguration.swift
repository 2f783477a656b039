public import Foundation
public import LetheRecords

/// Everything that fixes the shape of a face transformer; the initial values are those of GS-LoRA's
/// released model (docs/FORMAT.md).
public struct FaceTransformerConfiguration: Sendable, Hashable {
    /// How many people the head tells apart.
    public var classCount: Int
    /// The name of each class, if the configuration has them.
    public var classNames: [String]?
    /// The side of the square images, in pixels.
    public var imageSize = 112
    /// The side of a square patch, in pixels.
    public var patchSize = 8
    /// Image channels: 1 or 3.
    public var channels = 3
    /// The length of a token.
    public var width = 512
    /// How many encoder blocks there are.
    public var depth = 6
    /// How many attention heads a block has; they share the width of a token.
    public var headCount = 8
    /// The length of a token between the two feed-forward layers.
    public var feedForwardWidth = 2048
    /// What cosines are multiplied by to become scores.
    public var cosineScale = 64.0
    /// What is taken from the cosine of the true class where a margin is asked for.
    public var margin = 0.35

    /// GS-LoRA's face model.
    ///
    /// - Parameter classCount: how many people the head tells apart.
    public init(classCount: Int) {
        self.classCount = classCount
    }

    /// Reads `config.json` of a model folder.
    ///
    /// - Throws: `notFound`, `malformed`, or `unsupported` naming the setting.
    public init(folder: URL) throws(LetheError) {
        let json = try ConfigurationFile.read(folder.appending(path: "config.json"))
        guard json["architectures"]?.arrayValue?.first?.stringValue == Self.architectureName else {
            throw ConfigurationFile.unsupported(
                "An architecture other than \(Self.architectureName)",
                remedy: "Give the folder of a face transformer.")
        }
        self.init(classCount: try json.integer("num_labels"))
        classNames = try json.classNames()
        imageSize = try json.integer("image_size", default: imageSize)
        patchSize = try json.integer("patch_size", default: patchSize)
        channels = try json.integer("num_channels", default: channels)
        width = try json.integer("hidden_size", default: width)
        depth = try json.integer("num_hidden_layers", default: depth)
        headCount = try json.integer("num_attention_heads", default: headCount)
        feedForwardWidth = try json.integer("intermediate_size", default: feedForwardWidth)
        cosineScale = json["cosface_scale"]?.numberValue ?? cosineScale
        margin = json["cosface_margin"]?.numberValue ?? margin
        try validate()
    }

    /// What `architectures` of config.json names.
    public static let architectureName = "FaceTransformer"

    /// Patches along one side of an image.
    public var gridSize: Int { imageSize / patchSize }

    /// Refuses parts that do not fit together.
    func validate() throws(LetheError) {
        let limits: [(String, Int, ClosedRange<Int>)] = [
            ("number of classes", classCount, 1...1_000_000),
            ("image size", imageSize, 1...16_384), ("hidden size", width, 1...65_536),
            ("patch size", patchSize, 1...max(1, imageSize)),
            ("number of layers", depth, 1...1_000),
            ("number of heads", headCount, 1...max(1, width)),
            ("feed-forward width", feedForwardWidth, 1...1_000_000),
        ]
        for (name, value, range) in limits where !range.contains(value) {
            throw ConfigurationFile.malformed("the \(name), \(value), is not in \(range)")
        }
        guard channels == 1 || channels == 3 else {
            throw ConfigurationFile.unsupported(
                "A model with \(channels) channels",
                remedy: "Use a model that takes grey (1) or RGB (3) images.")
        }
        guard imageSize % patchSize == 0, width % headCount == 0 else {
            throw ConfigurationFile.malformed(
                "patches of \(patchSize) do not tile \(imageSize) pixels, or \(headCount) heads "
                    + "do not divide a hidden size of \(width)")
        }
        guard cosineScale > 0, cosineScale <= 1_000, (0...1).contains(margin) else {
            throw ConfigurationFile.malformed(
                "cosface_scale is \(cosineScale), cosface_margin \(margin)")
        }
        guard classNames == nil || classNames?.count == classCount else {
            throw ConfigurationFile.malformed(
                "\(classNames?.count ?? 0) names for \(classCount) classes")
        }
    }
}
