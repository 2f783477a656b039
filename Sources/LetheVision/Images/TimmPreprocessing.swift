import LetheRecords

/// Reads `pretrained_cfg` of a timm `config.json` as timm's evaluation transform does.
enum TimmPreprocessing {
    static func read(_ json: JSONValue) throws(LetheError) -> PreprocessingConfiguration {
        let input = json["input_size"]?.arrayValue?.compactMap(\.integerValue) ?? [3, 224, 224]
        guard input.count == 3, input[1] == input[2] else {
            throw PreprocessingConfiguration.malformed(
                "input_size is not channels, height and an equal width")
        }
        let fraction = json["crop_pct"]?.numberValue ?? 0.875
        guard fraction > 0, fraction <= 1 else {
            throw PreprocessingConfiguration.malformed("crop_pct is not above 0 and at most 1")
        }
        let edge = Int((Double(input[1]) / fraction).rounded(.down))
        return try PreprocessingConfiguration(
            channels: input[0],
            resize: resize(mode: json["crop_mode"]?.stringValue ?? "center", edge: edge),
            filter: filter(json["interpolation"]?.stringValue ?? "bicubic"),
            crop: .init(height: input[1], width: input[2]), cropRounding: .torchvision,
            rescaleFactor: 1.0 / 255,
            mean: values(json["mean"], default: HuggingFacePreprocessing.imageNetMean),
            standardDeviation: values(
                json["std"], default: HuggingFacePreprocessing.imageNetDeviation)
        ).validated()
    }

    private static func resize(
        mode: String, edge: Int
    ) throws(LetheError) -> PreprocessingConfiguration.Resize {
        switch mode {
        case "center": return .shortestEdge(edge)
        case "squash": return .exact(height: edge, width: edge)
        default:
            throw LetheError(
                code: .unsupported, message: "The crop_mode \"\(mode)\" is not supported.",
                remedy: "Use \"center\" or \"squash\".")
        }
    }

    private static func filter(_ name: String) throws(LetheError) -> ResamplingFilter {
        switch name {
        case "nearest": return .nearest
        case "bilinear": return .bilinear
        case "bicubic": return .bicubic
        case "lanczos": return .lanczos
        case "box": return .box
        case "hamming": return .hamming
        default:
            throw LetheError(
                code: .unsupported, message: "The interpolation \"\(name)\" is not supported.",
                remedy: "Use nearest, bilinear, bicubic, lanczos, box or hamming.")
        }
    }

    private static func values(_ json: JSONValue?, default fallback: [Double]) -> [Double] {
        json?.arrayValue?.compactMap(\.numberValue) ?? fallback
    }
}
