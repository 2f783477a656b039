internal import LetheRecords

/// The class names in config.json: a forgotten class keeps its number but not its name, because
/// the name may be a person's.
enum LabelNames {
    /// What a forgotten class is called.
    static func forgotten(_ label: Int) -> String { "forgotten-\(label)" }

    /// The configuration without the names of these labels; everything else as it was.
    ///
    /// Understands Hugging Face's `id2label` and `label2id` and timm's `label_names`.
    static func erasing(_ labels: [Int], from bytes: [UInt8]) throws(LetheError) -> [UInt8] {
        var configuration = try StrictJSON.parse(bytes)
        guard case .object(var members) = configuration else { return bytes }
        if case .object(var names)? = members["id2label"] {
            for label in labels where names[String(label)] != nil {
                names[String(label)] = .string(forgotten(label))
            }
            members["id2label"] = .object(names)
        }
        if case .object(let numbers)? = members["label2id"] {
            let renamed = numbers.map { name, value in
                value.integerValue.map(labels.contains) == true
                    ? (forgotten(value.integerValue ?? 0), value) : (name, value)
            }
            members["label2id"] = .object(Dictionary(renamed) { first, _ in first })
        }
        if case .array(var names)? = members["label_names"] {
            for label in labels where names.indices.contains(label) {
                names[label] = .string(forgotten(label))
            }
            members["label_names"] = .array(names)
        }
        configuration = .object(members)
        return Array((PrettyJSON.text(configuration) + "\n").utf8)
    }
}
