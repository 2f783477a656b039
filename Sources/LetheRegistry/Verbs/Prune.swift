public import Foundation
public import LetheRecords
internal import LetheStorage

/// What became of one pulled folder.
public struct PruneOutcome: Sendable {
    /// The folder.
    public let folder: URL
    /// The revoked versions whose files were found, such as `faces@v1`; none if nothing was revoked.
    public internal(set) var versions: [String] = []
    /// The files that were removed, relative to the folder.
    public internal(set) var removed: [String] = []
    /// The bytes of the signed receipts, one for each model; none if nothing was removed.
    public internal(set) var receipts: [[UInt8]] = []
}

extension Registry {
    /// Removes pulled copies of revoked versions from a folder, and signs a receipt.
    ///
    /// A folder is known by its weights files, whatever else lies in it. Only files that a revoked
    /// version has, byte for byte, and the certificate and proof beside them are removed, and
    /// nothing if a version that is given out has the same weights. A removal that was stopped is
    /// finished first: without the files nobody could tell any more what there is to sign for.
    ///
    /// - Throws: `io` if a file cannot be read or removed; `notFound` for a folder that is none.
    public func prune(
        _ folder: URL, as consumer: Consumer, now: Timestamp
    ) throws(LetheError) -> PruneOutcome {
        var outcome = PruneOutcome(folder: folder)
        let files = storage.isReadOnly ? StoreFiles() : storage.files
        if let begun = try BegunPrune.found(in: folder, by: consumer, registry: description.id) {
            try finish(begun, among: digests(in: folder), files, &outcome)
        }
        let found = try digests(in: folder)
        let weights = Set(found.filter { VersionFile.holdsWeights($0.key) }.values.map(\.digest))
        let revoked = try revokedVersions(withAnyOf: weights)
        if revoked.isEmpty { return outcome }
        let own = Set(revoked.flatMap { $0.manifest.files.map(\.digest) })
        let beside = [Self.certificateName, Self.proofName]
        let going = found.filter { own.contains($0.value.digest) || beside.contains($0.key) }
        let models = Set(revoked.map(\.manifest.model)).sorted()
        let receipts = try models.mapping { (model) throws(LetheError) in
            try consumer.sign(
                PruneReceipt(
                    consumer: consumer.name, registry: description.id, model: model,
                    versions: revoked.filter { $0.manifest.model == model }.map(\.reference),
                    removed: going.values.sorted { $0.digest < $1.digest }, created: now))
        }
        let begun = try BegunPrune(receipts, in: folder)
        try begun.write(files)
        try finish(begun, among: going, files, &outcome)
        return outcome
    }

    /// Removes what the receipts name, keeps them, and removes the note.
    private func finish(
        _ begun: BegunPrune, among files: [String: ErasedObject], _ disk: StoreFiles,
        _ outcome: inout PruneOutcome
    ) throws(LetheError) {
        let digests = Set(begun.records.flatMap { $0.removed.map(\.digest) })
        let going = files.filter { digests.contains($0.value.digest) }.keys.sorted()
        try disk.removeFiles(going.map { begun.folder.appending(path: $0) })
        if !storage.isReadOnly { for receipt in begun.receipts { try keep(receipt: receipt) } }
        try disk.removeFiles([begun.url])
        outcome.removed += going
        outcome.receipts += begun.receipts
        outcome.versions += begun.records.flatMap { record in
            record.versions.map { "\(record.model)@v\($0.number)" }
        }
    }

    /// The revoked versions with one of these weights files; none if a version that is given out
    /// has one, too.
    private func revokedVersions(
        withAnyOf weights: Set<Digest>
    ) throws(LetheError) -> [Version] {
        let versions = try index.versions(withAnyOf: weights).mapping {
            (match) throws(LetheError) in
            try resolve(Revision("\(match.reference.name)@v\(match.number)"))
        }
        for version in versions where try state(of: version) == .current { return [] }
        return versions
    }

    /// Every ordinary file of a folder, by its path in it.
    private func digests(in folder: URL) throws(LetheError) -> [String: ErasedObject] {
        var isFolder: ObjCBool = false
        let exists = unsafe FileManager.default.fileExists(
            atPath: folder.path, isDirectory: &isFolder)
        guard exists, isFolder.boolValue,
            let paths = FileManager.default.enumerator(atPath: folder.path)
        else {
            throw LetheError(
                code: .notFound, message: "\(folder.path) is no folder.",
                remedy: "Name a folder that lethe pull wrote.")
        }
        var found: [String: ErasedObject] = [:]
        for case let path as String in paths {
            let url = folder.appending(path: path)
            let values = try? url.resourceValues(forKeys: [.isRegularFileKey])
            guard values?.isRegularFile == true else { continue }
            found[path] = try Self.digest(of: url)
        }
        return found
    }

    private static func digest(of url: URL) throws(LetheError) -> ErasedObject {
        var hasher = DigestHasher()
        var sizeBytes = 0
        do {
            let file = try FileHandle(forReadingFrom: url)
            while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
                hasher.update([UInt8](piece))
                sizeBytes += piece.count
            }
        } catch {
            throw LetheError(
                code: .io, message: "\(url.path) cannot be read.",
                remedy: "Run it as a user who may.", cause: error)
        }
        return ErasedObject(digest: hasher.finalize(), sizeBytes: sizeBytes)
    }
}
