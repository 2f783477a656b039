import LetheRecords

/// Reads `config.json` of a timm model: an architecture name that stands for a shape, `model_args`
/// that change it, and `pretrained_cfg`.
enum TimmConfiguration {
    private typealias Configuration = VisionTransformerConfiguration

    private struct Shape {
        let width: Int
        let depth: Int
        let headCount: Int
    }

    private static let shapes = [
        "tiny": Shape(width: 192, depth: 12, headCount: 3),
        "small": Shape(width: 384, depth: 12, headCount: 6),
        "base": Shape(width: 768, depth: 12, headCount: 12),
        "large": Shape(width: 1024, depth: 24, headCount: 16),
        "huge": Shape(width: 1280, depth: 32, headCount: 16),
    ]

    /// The parts of a name such as `vit_small_patch14_dinov2.lvd142m`.
    private struct Name {
        let shape: Shape
        let patchSize: Int
        let isDistilled: Bool
        let isDINOv2: Bool
    }

    static func read(_ json: JSONValue) throws(LetheError) -> VisionTransformerConfiguration {
        let text = json["architecture"]?.stringValue ?? ""
        guard let name = parse(text) else {
            throw ConfigurationFile.unsupported(
                "The timm architecture \"\(text)\"",
                remedy: "Use vit_ or deit_ with tiny, small, base, large or huge, a patch size, "
                    + "and optionally distilled or dinov2, such as vit_base_patch16_224.")
        }
        let settings = json["pretrained_cfg"]
        let changes = json["model_args"]
        try refuseUnknown(changes)
        let input = settings?["input_size"]?.arrayValue?.compactMap(\.integerValue) ?? []
        let width = changes?["embed_dim"]?.integerValue ?? name.shape.width
        let ratio = changes?["mlp_ratio"]?.numberValue ?? 4
        guard ratio > 0, ratio < 1_000, width > 0, width <= 65_536 else {
            throw ConfigurationFile.malformed(
                "model_args has mlp_ratio \(ratio), embed_dim \(width)")
        }
        let names = json["label_names"]?.arrayValue?.compactMap(\.stringValue)
        let classCount =
            json["num_classes"]?.integerValue ?? settings?["num_classes"]?.integerValue ?? 1000
        guard classCount > 0 else {
            throw ConfigurationFile.unsupported(
                "A model without a head (num_classes 0)", remedy: "Use one with a classifier.")
        }
        var result = VisionTransformerConfiguration(
            classCount: classCount,
            imageSize: changes?["img_size"]?.integerValue ?? (input.count == 3 ? input[1] : 224),
            patchSize: changes?["patch_size"]?.integerValue ?? name.patchSize,
            channels: changes?["in_chans"]?.integerValue ?? (input.count == 3 ? input[0] : 3),
            width: width, depth: changes?["depth"]?.integerValue ?? name.shape.depth,
            headCount: changes?["num_heads"]?.integerValue ?? name.shape.headCount,
            feedForwardWidth: Int(Double(width) * ratio),
            classNames: names?.count == classCount ? names : nil)
        result.naming = .timm
        result.family = name.isDistilled ? .deit : name.isDINOv2 ? .dinov2 : .vit
        result.layerScale = changes?["init_values"]?.numberValue ?? (name.isDINOv2 ? 1e-5 : nil)
        result.hasQueryKeyValueBias = changes?["qkv_bias"]?.boolValue ?? true
        result.pooling = try pooling(
            changes?["global_pool"]?.stringValue ?? json["global_pool"]?.stringValue ?? "token",
            isDistilled: name.isDistilled)
        return try result.validated()
    }

    private static func parse(_ text: String) -> Name? {
        var parts = text.prefix { $0 != "." }.split(separator: "_").map(String.init)[...]
        guard let kind = parts.popFirst(), kind == "vit" || kind == "deit",
            let shape = parts.popFirst().flatMap({ shapes[$0] })
        else { return nil }
        let isDistilled = parts.first == "distilled"
        if isDistilled { parts = parts.dropFirst() }
        guard let patch = parts.popFirst(), patch.hasPrefix("patch"),
            let patchSize = Int(patch.dropFirst(5))
        else { return nil }
        if let size = parts.first, Int(size) != nil { parts = parts.dropFirst() }
        let isDINOv2 = parts.first == "dinov2"
        if isDINOv2 { parts = parts.dropFirst() }
        guard parts.isEmpty, !isDistilled || kind == "deit" else { return nil }
        return Name(
            shape: shape, patchSize: patchSize, isDistilled: isDistilled, isDINOv2: isDINOv2)
    }

    private static let knownChanges: Set<String> = [
        "embed_dim", "mlp_ratio", "img_size", "patch_size", "in_chans", "depth", "num_heads",
        "init_values", "qkv_bias", "global_pool", "num_classes",
    ]

    private static func refuseUnknown(_ changes: JSONValue?) throws(LetheError) {
        let unknown = Set(changes?.objectValue?.keys.map { $0 } ?? []).subtracting(knownChanges)
        guard unknown.isEmpty else {
            throw ConfigurationFile.unsupported(
                "A timm model with the model_args \(unknown.sorted().joined(separator: ", "))",
                remedy: "Use a plain vision transformer.")
        }
    }

    private static func pooling(
        _ name: String, isDistilled: Bool
    ) throws(LetheError) -> Configuration.Pooling {
        switch (name, isDistilled) {
        case ("token", true): return .classAndDistillationTokens
        case ("token", false): return .classToken
        case ("avg", false): return .patchMean
        default:
            throw ConfigurationFile.unsupported(
                "The global_pool \"\(name)\"", remedy: "Use a model with token or avg pooling.")
        }
    }
}
