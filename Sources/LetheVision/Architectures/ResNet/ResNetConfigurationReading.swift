import LetheRecords

/// Reads `config.json` of a residual network: transformers', that of the small networks for CIFAR,
/// and our own for torchvision's names (docs/FORMAT.md).
enum ResNetConfigurationReading {
    private typealias Configuration = ResNetConfiguration

    static func read(_ json: JSONValue) throws(LetheError) -> ResNetConfiguration {
        let name = json["architectures"]?.arrayValue?.first?.stringValue ?? "(none named)"
        switch Configuration.Naming(rawValue: name) {
        case .huggingFace: return try huggingFace(json).validated()
        case .torchvision: return try torchvision(json).validated()
        case .cifar: return try cifar(json).validated()
        case nil:
            throw ConfigurationFile.unsupported(
                "The architecture \(name)",
                remedy: "config.json of a residual network must name CifarResNet, ResNet or "
                    + "ResNetForImageClassification.")
        }
    }

    /// Missing members have transformers' defaults.
    private static func huggingFace(_ json: JSONValue) throws(LetheError) -> Configuration {
        if let activation = json["hidden_act"]?.stringValue, activation != "relu" {
            throw ConfigurationFile.unsupported(
                "A residual network with the activation \"\(activation)\"", remedy: "Use relu.")
        }
        let names = try json.classNames()
        let labelCount = try json.integer("num_labels", default: 2)
        var result = Configuration(
            classCount: names?.count ?? labelCount, imageSize: nil, stem: .imagenet,
            block: try block(json["layer_type"]?.stringValue ?? "bottleneck"),
            stageChannels: try json.integers("hidden_sizes", default: [256, 512, 1024, 2048]),
            blocksPerStage: try json.integers("depths", default: [3, 4, 6, 3]))
        result.naming = .huggingFace
        result.classNames = names
        result.channels = try json.integer("num_channels", default: 3)
        result.stemChannels = try json.integer("embedding_size", default: 64)
        if json["downsample_in_first_stage"]?.boolValue == true { result.stageStrides[0] = 2 }
        result.shrinksFirst = json["downsample_in_bottleneck"]?.boolValue ?? false
        return result
    }

    private static func torchvision(_ json: JSONValue) throws(LetheError) -> Configuration {
        guard let stem = Configuration.Stem(rawValue: json["stem"]?.stringValue ?? "") else {
            throw ConfigurationFile.malformed("stem is neither \"cifar\" nor \"imagenet\"")
        }
        var result = try described(json, stem: stem)
        result.block = try block(json["block"]?.stringValue ?? "")
        result.stemChannels = try json.integer("stem_channels", default: 64)
        result.stageStrides = try json.integers("stage_strides", default: result.stageStrides)
        return result
    }

    private static func cifar(_ json: JSONValue) throws(LetheError) -> Configuration {
        var result = try described(json, stem: .cifar)
        result.naming = .cifar
        result.stemChannels = try json.integer("stem_channels")
        result.stageStrides = try json.integers("stage_strides")
        result.shortcut = try shortcut(json["shortcut"]?.stringValue ?? "")
        result.poolSize = try poolSize(json["pool"]?.stringValue ?? "")
        if json["relu_after_add"]?.boolValue == false {
            let isLast = json["relu_after_stage"]?.boolValue ?? false
            result.rectifier = isLast ? .afterStage : .none
        }
        return result
    }

    /// What our own forms have in common.
    private static func described(
        _ json: JSONValue, stem: Configuration.Stem
    ) throws(LetheError) -> Configuration {
        var result = Configuration(
            classCount: try json.integer("num_labels"), imageSize: try json.integer("image_size"),
            stem: stem, block: .basic, stageChannels: try json.integers("stage_channels"),
            blocksPerStage: try json.integers("blocks_per_stage"))
        result.channels = try json.integer("num_channels", default: 3)
        result.classNames = try json.classNames()
        return result
    }

    private static func block(_ name: String) throws(LetheError) -> Configuration.Block {
        guard let block = Configuration.Block(rawValue: name) else {
            throw ConfigurationFile.unsupported(
                "A residual block of the kind \"\(name)\"", remedy: "Use basic or bottleneck.")
        }
        return block
    }

    /// The word before a colon counts; what comes after explains it.
    private static func shortcut(_ text: String) throws(LetheError) -> Configuration.Shortcut {
        switch text.prefix(while: { $0 != ":" }) {
        case "option_a": return .padded
        case "option_b": return .projected
        default:
            throw ConfigurationFile.unsupported(
                "The shortcut \"\(text)\"", remedy: "Use option_a or option_b.")
        }
    }

    /// "global average", or "average 4x4" with an explanation after it.
    private static func poolSize(_ text: String) throws(LetheError) -> Int? {
        let words = text.split(separator: " ")
        if words == ["global", "average"] { return nil }
        let sides = words.count > 1 ? words[1].split(separator: "x").map { Int($0) } : []
        guard words.first == "average", sides.count == 2, let side = sides[0], side == sides[1]
        else {
            throw ConfigurationFile.unsupported(
                "The pool \"\(text)\"", remedy: "Use \"global average\" or \"average 4x4\".")
        }
        return side
    }
}
