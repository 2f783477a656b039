import LetheRecords

/// Reads and writes `preprocessor_config.json` as transformers' image processors do.
enum HuggingFacePreprocessing {
    /// What a processor class uses where the file says nothing.
    private struct Defaults {
        var filter = ResamplingFilter.bilinear
        var size: JSONValue = ["height": 224, "width": 224]
        var integerSizeIsSquare = true
        var cropSize: JSONValue?
        var mean = [0.5, 0.5, 0.5]
        var standardDeviation = [0.5, 0.5, 0.5]
    }

    /// - Parameter channels: `num_channels` of the model's configuration, if known.
    static func read(
        _ json: JSONValue, channels: Int?
    ) throws(LetheError) -> PreprocessingConfiguration {
        guard json.objectValue != nil else {
            throw PreprocessingConfiguration.malformed("it is not a JSON object")
        }
        let defaults = try defaults(for: json)
        let normalises = json["do_normalize"]?.boolValue ?? true
        let mean = try numbers(json["image_mean"], default: defaults.mean, name: "image_mean")
        let deviation = try numbers(
            json["image_std"], default: defaults.standardDeviation, name: "image_std")
        let count = channels ?? (mean.isScalar ? 3 : mean.values.count)
        return try PreprocessingConfiguration(
            channels: count,
            resize: json["do_resize"]?.boolValue ?? true
                ? resize(json["size"] ?? defaults.size, squareInteger: defaults.integerSizeIsSquare)
                : .none,
            filter: filter(json["resample"], default: defaults.filter),
            crop: json["do_center_crop"]?.boolValue ?? (defaults.cropSize != nil)
                ? crop(json["crop_size"] ?? defaults.cropSize) : nil,
            cropRounding: .huggingFace,
            rescaleFactor: json["do_rescale"]?.boolValue ?? true
                ? json["rescale_factor"]?.numberValue ?? 1.0 / 255 : nil,
            mean: normalises ? mean.repeated(count) : nil,
            standardDeviation: normalises ? deviation.repeated(count) : nil
        ).validated()
    }

    private static func defaults(for json: JSONValue) throws(LetheError) -> Defaults {
        let declared =
            json["image_processor_type"]?.stringValue
            ?? json["feature_extractor_type"]?.stringValue ?? "ViTImageProcessor"
        if declared.hasPrefix("ViT") { return Defaults() }
        if declared.hasPrefix("DeiT") {
            return Defaults(
                filter: .bicubic, size: ["height": 256, "width": 256],
                cropSize: ["height": 224, "width": 224], mean: imageNetMean,
                standardDeviation: imageNetDeviation)
        }
        if declared.hasPrefix("Bit") || declared.hasPrefix("Dinov2") {
            return Defaults(
                filter: .bicubic, size: ["shortest_edge": 224], integerSizeIsSquare: false,
                cropSize: ["height": 224, "width": 224],
                mean: [0.48145466, 0.4578275, 0.40821073],
                standardDeviation: [0.26862954, 0.26130258, 0.27577711])
        }
        throw LetheError(
            code: .unsupported, message: "The image processor \"\(declared)\" is not supported.",
            remedy: "Use ViTImageProcessor, DeiTImageProcessor or BitImageProcessor.")
    }

    static let imageNetMean = [0.485, 0.456, 0.406]
    static let imageNetDeviation = [0.229, 0.224, 0.225]

    private struct Numbers {
        let values: [Double]
        let isScalar: Bool

        func repeated(_ count: Int) -> [Double] {
            isScalar ? Array(repeating: values[0], count: count) : values
        }
    }

    private static func numbers(
        _ json: JSONValue?, default fallback: [Double], name: String
    ) throws(LetheError) -> Numbers {
        guard let json, json != .null else { return Numbers(values: fallback, isScalar: false) }
        if let value = json.numberValue { return Numbers(values: [value], isScalar: true) }
        let values = json.arrayValue?.compactMap(\.numberValue) ?? []
        guard !values.isEmpty, values.count == json.arrayValue?.count else {
            throw PreprocessingConfiguration.malformed("\(name) is not a list of numbers")
        }
        return Numbers(values: values, isScalar: false)
    }

    private static func filter(
        _ json: JSONValue?, default fallback: ResamplingFilter
    ) throws(LetheError) -> ResamplingFilter {
        guard let json, json != .null else { return fallback }
        guard let filter = json.integerValue.flatMap(ResamplingFilter.init(rawValue:)) else {
            throw PreprocessingConfiguration.malformed("resample is not one of 0 to 5")
        }
        return filter
    }

    private static func resize(
        _ json: JSONValue, squareInteger: Bool
    ) throws(LetheError) -> PreprocessingConfiguration.Resize {
        if let edge = json.integerValue {
            return squareInteger ? .exact(height: edge, width: edge) : .shortestEdge(edge)
        }
        if let height = json["height"]?.integerValue, let width = json["width"]?.integerValue {
            return .exact(height: height, width: width)
        }
        if let edge = json["shortest_edge"]?.integerValue, json["longest_edge"] ?? .null == .null {
            return .shortestEdge(edge)
        }
        throw PreprocessingConfiguration.malformed(
            "size is neither height and width nor shortest_edge alone")
    }

    private static func crop(
        _ json: JSONValue?
    ) throws(LetheError) -> PreprocessingConfiguration.Size {
        if let edge = json?.integerValue { return .init(height: edge, width: edge) }
        guard let height = json?["height"]?.integerValue, let width = json?["width"]?.integerValue
        else { throw PreprocessingConfiguration.malformed("crop_size has no height and width") }
        return .init(height: height, width: width)
    }

    /// The file transformers reads back to the same preprocessing.
    static func write(_ configuration: PreprocessingConfiguration) -> JSONValue {
        var members: [String: JSONValue] = [
            "do_resize": .bool(configuration.resize != .none),
            "resample": .number(Double(configuration.filter.rawValue)),
            "do_center_crop": .bool(configuration.crop != nil),
            "do_rescale": .bool(configuration.rescaleFactor != nil),
            "rescale_factor": .number(configuration.rescaleFactor ?? 1.0 / 255),
            "do_normalize": .bool(configuration.mean != nil),
            "image_processor_type": "ViTImageProcessor",
        ]
        switch configuration.resize {
        case .none: break
        case .exact(let height, let width): members["size"] = size(height, width)
        case .shortestEdge(let edge): members["size"] = ["shortest_edge": .number(Double(edge))]
        }
        if let crop = configuration.crop {
            members["crop_size"] = size(crop.height, crop.width)
            if configuration.resize == .none { members["size"] = size(crop.height, crop.width) }
        }
        if let mean = configuration.mean, let deviation = configuration.standardDeviation {
            members["image_mean"] = .array(mean.map { .number($0) })
            members["image_std"] = .array(deviation.map { .number($0) })
        }
        return .object(members)
    }

    private static func size(_ height: Int, _ width: Int) -> JSONValue {
        ["height": .number(Double(height)), "width": .number(Double(width))]
    }
}
