import LetheRecords

/// What happens to an image between its file and a model, in this order: channels, resize, crop,
/// rescale, normalise.
public struct PreprocessingConfiguration: Sendable, Hashable {
    /// Which size the resize aims at.
    public enum Resize: Sendable, Hashable {
        /// The image keeps its size.
        case none
        /// Exactly this size; the aspect ratio is not kept.
        case exact(height: Int, width: Int)
        /// The shorter side becomes this long; the longer side is rounded down.
        case shortestEdge(Int)
    }

    /// A height and a width in pixels.
    public struct Size: Sendable, Hashable {
        /// Rows.
        public var height: Int
        /// Columns.
        public var width: Int

        /// A size in pixels.
        public init(height: Int, width: Int) {
            self.height = height
            self.width = width
        }
    }

    /// How many channels the model takes: 1 or 3.
    public var channels: Int
    /// The resize before the crop.
    public var resize: Resize
    /// The filter of the resize.
    public var filter: ResamplingFilter
    /// The centre crop after the resize, if any.
    public var crop: Size?
    /// How an odd crop is placed.
    public var cropRounding: CropRounding
    /// What every 8-bit value is multiplied by; nil leaves it alone.
    public var rescaleFactor: Double?
    /// Subtracted per channel after rescaling; nil together with `standardDeviation`.
    public var mean: [Double]?
    /// Divided by per channel.
    public var standardDeviation: [Double]?

    /// A configuration for images that already have the model's size.
    ///
    /// - Parameters:
    ///   - channels: 1 or 3.
    ///   - mean: one value a channel.
    ///   - standardDeviation: one value a channel.
    public init(
        channels: Int, resize: Resize = .none, filter: ResamplingFilter = .bicubic,
        crop: Size? = nil, cropRounding: CropRounding = .huggingFace,
        rescaleFactor: Double? = 1.0 / 255, mean: [Double]?, standardDeviation: [Double]?
    ) {
        self.channels = channels
        self.resize = resize
        self.filter = filter
        self.crop = crop
        self.cropRounding = cropRounding
        self.rescaleFactor = rescaleFactor
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    /// The size of every preprocessed image, or nil where it follows the input.
    public var outputSize: Size? {
        if let crop { return crop }
        if case .exact(let height, let width) = resize { return Size(height: height, width: width) }
        return nil
    }

    /// Throws `malformed` unless the parts fit together.
    func validated() throws(LetheError) -> PreprocessingConfiguration {
        guard channels == 1 || channels == 3 else {
            throw LetheError(
                code: .unsupported,
                message: "Models with \(channels) input channels are not supported.",
                remedy: "Use a model that takes grey (1) or RGB (3) images.")
        }
        for (name, values) in [("image_mean", mean), ("image_std", standardDeviation)] {
            guard let values else { continue }
            guard values.count == channels else {
                throw Self.malformed("\(name) has \(values.count) values for \(channels) channels")
            }
        }
        guard (mean == nil) == (standardDeviation == nil) else {
            throw Self.malformed("image_mean and image_std come together")
        }
        guard standardDeviation?.contains(where: { $0 <= 0 }) != true else {
            throw Self.malformed("image_std has a value that is not positive")
        }
        switch resize {
        case .none: break
        case .exact(let height, let width):
            try DecodedImage.checkSize(width: width, height: height)
        case .shortestEdge(let edge): try DecodedImage.checkSize(width: edge, height: edge)
        }
        if let crop { try DecodedImage.checkSize(width: crop.width, height: crop.height) }
        return self
    }

    static func malformed(_ reason: String) -> LetheError {
        LetheError(
            code: .malformed, message: "The preprocessing configuration is not valid: \(reason).",
            remedy: "Correct preprocessor_config.json (or pretrained_cfg in config.json).")
    }
}
