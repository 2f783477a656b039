public import Foundation
public import LetheRecords
public import LetheTensor

/// Turns a decoded image into what a model takes, equal to the Python reference: transformers'
/// Pillow processors or timm's evaluation transform.
public struct ImagePreprocessor: Sendable {
    /// What is done, step by step.
    public let configuration: PreprocessingConfiguration

    /// The float for each channel and 8-bit value: `(value * factor - mean) / deviation`.
    private let table: [Float]

    /// A preprocessor for a configuration.
    ///
    /// - Throws: `malformed` or `unsupported` if the parts of the configuration do not fit together.
    public init(_ configuration: PreprocessingConfiguration) throws(LetheError) {
        self.configuration = try configuration.validated()
        table = Self.table(for: configuration)
    }

    /// Reads `preprocessor_config.json`, else `pretrained_cfg` of `config.json`.
    ///
    /// - Parameter folder: a folder in the layout of a Hugging Face or timm model repository.
    /// - Throws: `notFound` if there is neither, `malformed` or `unsupported` for their content.
    public init(folder: URL) throws(LetheError) {
        let file = folder.appending(path: "preprocessor_config.json")
        let model = try? ConfigurationFile.read(folder.appending(path: "config.json"))
        if FileManager.default.fileExists(atPath: file.path) {
            try self.init(
                HuggingFacePreprocessing.read(
                    ConfigurationFile.read(file), channels: model?["num_channels"]?.integerValue))
        } else if let settings = model?["pretrained_cfg"], settings.objectValue != nil {
            try self.init(TimmPreprocessing.read(settings))
        } else {
            throw LetheError(
                code: .notFound,
                message: "There is no preprocessor_config.json in \(folder.lastPathComponent).",
                remedy: "Put the file that came with the model beside its config.json.")
        }
    }

    /// Rescaling is done in double precision and normalising in single, as transformers does.
    private static func table(for configuration: PreprocessingConfiguration) -> [Float] {
        (0..<configuration.channels).flatMap { channel in
            (0..<256).map { value in
                var result = Float(Double(value) * (configuration.rescaleFactor ?? 1))
                if let mean = configuration.mean, let deviation = configuration.standardDeviation {
                    result = (result - Float(mean[channel])) / Float(deviation[channel])
                }
                return result
            }
        }
    }

    /// The image as a tensor of shape [channels, height, width], float32, on the CPU.
    ///
    /// - Throws: `malformed` if the image becomes larger than what is allowed.
    public func callAsFunction(_ image: DecodedImage) throws(LetheError) -> Tensor {
        let prepared = try prepared(image)
        return try Tensor(
            normalized(prepared), shape: [prepared.channels, prepared.height, prepared.width])
    }

    /// The image with the model's channels and size, still 8 bits: what a cache keeps.
    public func prepared(_ image: DecodedImage) throws(LetheError) -> DecodedImage {
        var result = try image.converted(toChannels: configuration.channels)
        let size = Self.targetSize(of: result, configuration.resize)
        result = try result.resized(
            width: size.width, height: size.height, filter: configuration.filter)
        guard let crop = configuration.crop else { return result }
        return try result.centerCropped(
            width: crop.width, height: crop.height, rounding: configuration.cropRounding)
    }

    /// The values of a prepared image, channel by channel, row by row.
    public func normalized(_ image: DecodedImage) -> [Float] {
        let area = image.width * image.height
        let channels = image.channels
        var result = [Float](repeating: 0, count: area * channels)
        for channel in 0..<channels {
            var source = channel
            for target in channel * area..<(channel + 1) * area {
                result[target] = table[channel << 8 | Int(image.pixels[source])]
                source += channels
            }
        }
        return result
    }

    private static func targetSize(
        of image: DecodedImage, _ resize: PreprocessingConfiguration.Resize
    ) -> PreprocessingConfiguration.Size {
        switch resize {
        case .none: return .init(height: image.height, width: image.width)
        case .exact(let height, let width): return .init(height: height, width: width)
        case .shortestEdge(let edge):
            let short = min(image.width, image.height)
            let long = Int(Double(edge * max(image.width, image.height)) / Double(short))
            return image.width <= image.height
                ? .init(height: long, width: edge) : .init(height: edge, width: long)
        }
    }

    /// Writes `preprocessor_config.json` for a new model.
    ///
    /// - Throws: `io` if the file cannot be written.
    public func write(to url: URL) throws(LetheError) {
        try ConfigurationFile.write(HuggingFacePreprocessing.write(configuration), to: url)
    }
}
