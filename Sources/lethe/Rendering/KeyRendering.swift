internal import LetheRecords
internal import LetheRegistry

/// What object keys encrypt, and what came of destroying them, for a person and for a program.
enum KeyRendering {
    static func text(_ uses: [ObjectKeyUse]) -> String {
        uses.flatMap(lines).joined(separator: "\n")
    }

    private static func lines(of use: ObjectKeyUse) -> [String] {
        let fingerprints = use.fingerprints.joined(separator: ", ")
        var lines = [
            "Would destroy the key of \(use.line ?? "") (\(fingerprints)).",
            "What is left under it stays readable with the next key, and only here: "
                + "\(use.objectCount) objects (\(Numbers.size(use.sizeBytes))).",
        ]
        for (version, count) in use.needs.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(version) needs \(count)")
        }
        if use.unneededCount > 0 {
            lines.append("  \(use.unneededCount) no version needs; lethe gc removes them")
        }
        return lines
    }

    static func text(_ result: KeyDestruction) -> String {
        let stay = "\(result.encryptedAnewCount) objects stay, encrypted with new keys."
        let receipt = result.receipt.map(PurgeRendering.lines(of:)) ?? []
        return ([stay] + receipt).joined(separator: "\n")
    }

    static func json(_ uses: [ObjectKeyUse]) -> JSONValue {
        .array(
            uses.map { use in
                .object([
                    "line": use.line.map(JSONValue.string) ?? .null,
                    "fingerprints": .array(use.fingerprints.map(JSONValue.string)),
                    "objectCount": .number(Double(use.objectCount)),
                    "sizeBytes": .number(Double(use.sizeBytes)),
                    "needs": .object(use.needs.mapValues { .number(Double($0)) }),
                ])
            })
    }
}
