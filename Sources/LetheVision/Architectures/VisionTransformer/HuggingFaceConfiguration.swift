import LetheRecords

/// Reads and writes `config.json` of transformers; missing members have transformers' defaults.
enum HuggingFaceConfiguration {
    private typealias Configuration = VisionTransformerConfiguration

    private static let classes:
        [String: (family: Configuration.Family, pooling: Configuration.Pooling)] = [
            "ViTForImageClassification": (.vit, .classToken),
            "DeiTForImageClassification": (.deit, .classToken),
            "DeiTForImageClassificationWithTeacher": (.deit, .classAndDistillationTokens),
            "Dinov2ForImageClassification": (.dinov2, .classTokenAndPatchMean),
        ]

    static func read(_ json: JSONValue) throws(LetheError) -> VisionTransformerConfiguration {
        let (family, pooling) = try architecture(of: json)
        try refuseUnsupportedParts(of: json)
        let width = try json.integer("hidden_size", default: 768)
        let names = try json.classNames()
        let labelCount = try json.integer("num_labels", default: 2)
        var result = VisionTransformerConfiguration(
            classCount: names?.count ?? labelCount,
            imageSize: try square(json, "image_size", default: 224),
            patchSize: try square(json, "patch_size", default: family == .dinov2 ? 14 : 16),
            channels: try json.integer("num_channels", default: 3), width: width,
            depth: try json.integer("num_hidden_layers", default: 12),
            headCount: try json.integer("num_attention_heads", default: 12),
            feedForwardWidth: try feedForwardWidth(json, family: family, width: width),
            classNames: names)
        result.family = family
        result.pooling = pooling
        result.epsilon = json["layer_norm_eps"]?.numberValue ?? (family == .dinov2 ? 1e-6 : 1e-12)
        result.activation = try activation(json["hidden_act"]?.stringValue ?? "gelu")
        result.hasQueryKeyValueBias = json["qkv_bias"]?.boolValue ?? true
        result.layerScale =
            family == .dinov2 ? json["layerscale_value"]?.numberValue ?? 1 : nil
        result.initializerRange = json["initializer_range"]?.numberValue ?? 0.02
        return try result.validated()
    }

    private static func architecture(
        of json: JSONValue
    ) throws(LetheError) -> (Configuration.Family, Configuration.Pooling) {
        let name = json["architectures"]?.arrayValue?.first?.stringValue
        let type = json["model_type"]?.stringValue
        if let name, let known = classes[name], type == nil || type == known.family.rawValue {
            return known
        }
        let found = [name, type.map { "model_type \"\($0)\"" }].compactMap { $0 }
        throw ConfigurationFile.unsupported(
            "The architecture " + (found.isEmpty ? "(none named)" : found.joined(separator: ", ")),
            remedy: "config.json must name one of " + classes.keys.sorted().joined(separator: ", ")
                + ", or a timm vit_* or deit_* model, or one of "
                + (ResNetConfiguration.Naming.allCases.map(\.rawValue)
                + [
                    EfficientNetLiteConfiguration.architectureName,
                    FaceTransformerConfiguration.architectureName,
                ]).joined(separator: ", ")
                + ".")
    }

    private static func refuseUnsupportedParts(of json: JSONValue) throws(LetheError) {
        if json["use_swiglu_ffn"]?.boolValue == true {
            throw ConfigurationFile.unsupported(
                "A SwiGLU feed-forward network (use_swiglu_ffn, as in DINOv2 giant)",
                remedy: "Use the small, base or large DINOv2, whose feed-forward layers are plain.")
        }
        if let count = json["num_register_tokens"]?.integerValue, count > 0 {
            throw ConfigurationFile.unsupported(
                "A model with register tokens", remedy: "Use DINOv2 without registers.")
        }
    }

    private static func feedForwardWidth(
        _ json: JSONValue, family: Configuration.Family, width: Int
    ) throws(LetheError) -> Int {
        guard family == .dinov2 else {
            return try json.integer("intermediate_size", default: 3072)
        }
        let ratio = json["mlp_ratio"]?.numberValue ?? 4
        guard ratio > 0, ratio < 1_000 else {
            throw ConfigurationFile.malformed("mlp_ratio is \(ratio)")
        }
        return Int(Double(width) * ratio)
    }

    /// A size given as one number or as two equal ones.
    private static func square(
        _ json: JSONValue, _ name: String, default fallback: Int
    ) throws(LetheError) -> Int {
        guard let pair = json[name]?.arrayValue else {
            return try json.integer(name, default: fallback)
        }
        guard pair.count == 2, pair[0] == pair[1], let side = pair[0].integerValue else {
            throw ConfigurationFile.unsupported(
                "An \(name) that is not square", remedy: "Use a model for square images.")
        }
        return side
    }

    private static func activation(
        _ name: String
    ) throws(LetheError) -> Configuration.Activation {
        switch name {
        case "gelu": return .gelu
        case "gelu_new", "gelu_pytorch_tanh": return .geluTanh
        case "quick_gelu": return .quickGelu
        default:
            throw ConfigurationFile.unsupported(
                "The activation \"\(name)\"",
                remedy: "Use gelu, gelu_new, gelu_pytorch_tanh or quick_gelu.")
        }
    }

    static func write(_ configuration: VisionTransformerConfiguration) -> JSONValue {
        let className = classes.first {
            $0.value == (configuration.family, configuration.pooling)
        }?.key
        let names = configuration.classNames ?? (0..<configuration.classCount).map { "LABEL_\($0)" }
        var members: [String: JSONValue] = [
            "architectures": .array(className.map { [.string($0)] } ?? []),
            "model_type": .string(configuration.family.rawValue),
            "hidden_size": .number(Double(configuration.width)),
            "num_hidden_layers": .number(Double(configuration.depth)),
            "num_attention_heads": .number(Double(configuration.headCount)),
            "hidden_act": .string(name(of: configuration.activation)),
            "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0,
            "initializer_range": .number(configuration.initializerRange),
            "layer_norm_eps": .number(configuration.epsilon),
            "image_size": .number(Double(configuration.imageSize)),
            "patch_size": .number(Double(configuration.patchSize)),
            "num_channels": .number(Double(configuration.channels)),
            "qkv_bias": .bool(configuration.hasQueryKeyValueBias), "dtype": "float32",
            "id2label": .object(
                Dictionary(
                    uniqueKeysWithValues: names.enumerated().map { (String($0), .string($1)) })),
            "label2id": .object(
                Dictionary(
                    names.enumerated().map { ($1, .number(Double($0))) }, uniquingKeysWith: { $1 })),
        ]
        if configuration.family == .dinov2 {
            let ratio = Double(configuration.feedForwardWidth) / Double(configuration.width)
            members["mlp_ratio"] = .number(ratio)
            members["layerscale_value"] = .number(configuration.layerScale ?? 1)
            members["use_swiglu_ffn"] = false
            members["use_mask_token"] = false
        } else {
            members["intermediate_size"] = .number(Double(configuration.feedForwardWidth))
        }
        return .object(members)
    }

    private static func name(of activation: Configuration.Activation) -> String {
        switch activation {
        case .gelu: "gelu"
        case .geluTanh: "gelu_new"
        case .quickGelu: "quick_gelu"
        }
    }
}
