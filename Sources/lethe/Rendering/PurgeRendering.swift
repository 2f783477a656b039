internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

/// What a purge did, or would do, for a person and for a program.
enum PurgeRendering {
    static func text(_ report: PurgeReport) -> String {
        var lines: [String] = []
        if !report.waiting.isEmpty {
            lines.append("Revoked versions that stay for now:")
            lines += report.waiting.map { "  \($0.version): \($0.reason)" }
            lines.append("")
        }
        if !report.kept.isEmpty {
            lines.append("Objects of erased versions that stay, because something needs them:")
            let holders = Dictionary(grouping: report.kept, by: \.holder)
            for (holder, objects) in holders.sorted(by: { $0.key < $1.key }) {
                let sizeBytes = objects.reduce(0) { $0 + $1.sizeBytes }
                lines.append(
                    "  \(holder) needs \(objects.count) objects (\(Numbers.size(sizeBytes)))")
            }
            lines.append("")
        }
        let verb = report.isDryRun ? "Would erase" : "Erased"
        let names = report.versions.joined(separator: ", ")
        lines.append(
            "\(verb) \(report.removed.count) objects (\(Numbers.size(report.removedSizeBytes)))"
                + (names.isEmpty ? "." : " of \(names)."))
        if report.isDryRun, report.isEncrypted, !report.removed.isEmpty {
            lines.append(
                "Would destroy the keys that these are encrypted with; what else is encrypted with "
                    + "them gets new ones (lethe keys list).")
        }
        if report.encryptedAnewCount > 0 {
            lines.append("\(report.encryptedAnewCount) objects stay, encrypted with a new key.")
        }
        if let receipt = report.receipt { lines += self.lines(of: receipt) }
        return lines.joined(separator: "\n")
    }

    static func lines(of receipt: DeletionReceipt) -> [String] {
        var lines = [
            "Receipt of \(receipt.created): \(receipt.gone.count) objects are gone. Checked:"
        ]
        lines += receipt.placesChecked.map { "  \($0)" }
        lines += receipt.copies.map { "  \($0.kind.rawValue) \($0.name): gone by \($0.expires)" }
        if receipt.copies.isEmpty {
            lines.append("  Replicas and backups: none are named in \(Registry.copiesName).")
        }
        for fingerprint in receipt.destroyedKeys ?? [] {
            lines.append(
                "The object key \(fingerprint) was destroyed: whatever older copies have under it "
                    + "nobody can read.")
        }
        return lines
    }

    static func json(_ report: PurgeReport) throws -> JSONValue {
        .object([
            "dryRun": .bool(report.isDryRun),
            "versions": .array(report.versions.map(JSONValue.string)),
            "removed": .array(
                report.removed.map { json($0.digest, $0.sizeBytes) }),
            "removedSizeBytes": .number(Double(report.removedSizeBytes)),
            "kept": .array(report.kept.map { json($0.digest, $0.sizeBytes, holder: $0.holder) }),
            "waiting": .array(
                report.waiting.map {
                    .object(["version": .string($0.version), "reason": .string($0.reason)])
                }),
            "encryptedAnewCount": .number(Double(report.encryptedAnewCount)),
            "receipt": try report.receipt?.json() ?? .null,
        ])
    }

    private static func json(
        _ digest: Digest, _ sizeBytes: Int, holder: String? = nil
    ) -> JSONValue {
        var fields: [String: JSONValue] = [
            "digest": .string("\(digest)"), "sizeBytes": .number(Double(sizeBytes)),
        ]
        fields["holder"] = holder.map(JSONValue.string)
        return .object(fields)
    }
}
