public import Foundation
public import LetheRecords
internal import LetheStorage

/// What became of one pulled folder.
public struct PruneOutcome: Sendable {
    /// The folder.
    public let folder: URL
    /// The revoked versions whose files were found, such as `faces@v1`; none if nothing was revoked.
    public let versions: [String]
    /// The files that were removed, relative to the folder.
    public let removed: [String]
    /// The bytes of the signed receipts, one for each model; none if nothing was removed.
    public let receipts: [[UInt8]]
}

extension Registry {
    /// Removes pulled copies of revoked versions from a folder, and signs a receipt.
    ///
    /// A folder is known by its weights files, whatever else lies in it. Only files that a revoked
    /// version has, byte for byte, and the certificate and proof beside them are removed, and
    /// nothing if a version that is given out has the same weights.
    ///
    /// - Throws: `io` if a file cannot be read or removed; `notFound` for a folder that is none.
    public func prune(
        _ folder: URL, as consumer: Consumer, now: Timestamp
    ) throws(LetheError) -> PruneOutcome {
        let files = try digests(in: folder)
        let weights = Set(files.filter { VersionFile.holdsWeights($0.key) }.values.map(\.digest))
        let revoked = try revokedVersions(withAnyOf: weights)
        let own = Set(revoked.flatMap { $0.manifest.files.map(\.digest) })
        let beside = [Self.certificateName, Self.proofName]
        let going = files.filter {
            !revoked.isEmpty && (own.contains($0.value.digest) || beside.contains($0.key))
        }
        for name in going.keys.sorted() { try Self.remove(folder.appending(path: name)) }
        let removed = going.values.sorted { $0.digest < $1.digest }
        let models = Set(revoked.map(\.manifest.model)).sorted()
        let receipts = try models.mapping { (model) throws(LetheError) in
            try consumer.sign(
                PruneReceipt(
                    consumer: consumer.name, registry: description.id, model: model,
                    versions: revoked.filter { $0.manifest.model == model }.map(\.reference),
                    removed: removed, created: now))
        }
        if !storage.isReadOnly { for receipt in receipts { try keep(receipt: receipt) } }
        return PruneOutcome(
            folder: folder, versions: revoked.map(\.name), removed: going.keys.sorted(),
            receipts: receipts)
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

    private static func remove(_ url: URL) throws(LetheError) {
        do {
            try FileManager.default.removeItem(at: url)
        } catch {
            throw LetheError(
                code: .io, message: "\(url.path) cannot be removed.",
                remedy: "Remove it as a user who may, and run the same command again.",
                cause: error)
        }
    }
}
