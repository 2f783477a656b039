internal import Foundation
internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// The operator's list of replicas and backups: `copies.json` in the registry's folder.
    public static let copiesName = "copies.json"

    /// What this registry has said it deleted, oldest first.
    public func receipts() throws(LetheError) -> [DeletionReceipt] {
        try receiptLine().entries().mapping { (entry) throws(LetheError) in
            try DeletionReceipt.read(canonical: entry.bytes)
        }
    }

    /// Writes a receipt for tombstones that none covers yet, for objects that went now, and for keys
    /// that were destroyed.
    ///
    /// - Returns: the receipt; nil if there is nothing to say.
    func writeReceipt(
        _ report: PurgeReport, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> DeletionReceipt? {
        let covered = Set(try receipts().filter { !$0.isAboutBucket }.flatMap(\.tombstones))
        let removed = Set(report.removed.map(\.digest))
        var tombstones: [Digest] = []
        var gone: Set<ErasedObject> = []
        var kept: Set<KeptObject> = []
        let holders = Dictionary(report.kept.map { ($0.digest, $0) }) { first, _ in first }
        for model in try modelsWithErasures() {
            for (digest, record) in try erasureRecords(of: model).tombstones {
                let isNew = !covered.contains(digest)
                guard isNew || record.objects.contains(where: { removed.contains($0.digest) })
                else { continue }
                tombstones.append(digest)
                for object in record.objects {
                    if !storage.objects.contains(object.digest) {
                        if isNew || removed.contains(object.digest) { gone.insert(object) }
                    } else if let holder = holders[object.digest] {
                        kept.insert(holder)
                    }
                }
            }
        }
        let destroyedKeys = try newlyDestroyedKeys(keys)
        guard !tombstones.isEmpty || destroyedKeys != nil else { return nil }
        var receipt = DeletionReceipt(
            registry: description.id, tombstones: tombstones, gone: Array(gone),
            kept: Array(kept), placesChecked: placesChecked(), copies: try copies(from: now),
            created: now)
        receipt.destroyedKeys = destroyedKeys
        try receiptLine().append(
            receipt.canonicalBytes(), as: .receipt,
            summary: "Receipt for \(gone.count) erased objects"
                + (destroyedKeys.map { " and \($0.count) destroyed keys" } ?? ""),
            keys: keys, now: now)
        return receipt
    }

    /// The fingerprints of keys that were destroyed and that no receipt names yet.
    private func newlyDestroyedKeys(_ keys: KeyFolder) throws(LetheError) -> [String]? {
        guard isEncrypted else { return nil }
        let named = Set(try receipts().flatMap { $0.destroyedKeys ?? [] })
        let new = try ObjectKeyFolder(in: keys.url).destroyed().filter { !named.contains($0) }
        return new.isEmpty ? nil : new
    }

    /// Where it was looked for the bytes, and where not.
    private func placesChecked() -> [String] {
        let work = storage.layout.root.appending(path: "work").path
        let runs = (try? FileManager.default.contentsOfDirectory(atPath: work))?.count ?? 0
        return [
            "objects/: every object with a tombstone was looked for by its name.",
            "work/: \(runs) unfinished runs, which may hold weights; not looked into.",
            "lineage.git: texts and records stay, names of classes in earlier configurations "
                + "among them.",
        ]
    }

    /// The copies that the operator named, with the day by which each has let go.
    private func copies(from now: Timestamp) throws(LetheError) -> [CopyExpiry] {
        let url = storage.layout.root.appending(path: Self.copiesName)
        guard FileManager.default.fileExists(atPath: url.path) else { return [] }
        let record = try RegisteredCopies.read(handwritten: storage.files.readFile(url))
        return record.copies.map { copy in
            CopyExpiry(
                name: copy.name, kind: copy.kind,
                expires: now.adding(days: min(max(copy.keepsDays, 0), 36500)))
        }
    }
}
