internal import Foundation
internal import LetheRecords
internal import LetheStorage

extension Registry {
    /// Writes a version's files below `folder`, every byte verified.
    ///
    /// Its objects are leased while they are read, so that they stay even if the line is moved.
    func materialise(
        _ version: Version, into folder: URL, progress: ProgressHandler = { _ in }
    ) throws(LetheError) {
        let target = TargetFolder(folder)
        let lease = storage.objects.leaseForReading(version.manifest.files.map(\.stored))
        defer { withExtendedLifetime(lease) {} }
        let total = version.manifest.files.reduce(0) { $0 + $1.sizeBytes }
        var done = 0
        for file in version.manifest.files {
            try lostIsDamage(version, file.path) { () throws(LetheError) in
                try target.write(file.stored, from: storage.objects, to: TreePath(file.path)) {
                    done += $0
                    progress(Progress(phase: "reading files (bytes)", done: done, total: total))
                }
            }
        }
    }

    /// An object that a version needs and the store lacks is damage, not a wrong name.
    func lostIsDamage(
        _ version: Version, _ path: String, _ body: () throws(LetheError) -> Void
    ) throws(LetheError) {
        do {
            try body()
        } catch {
            guard error.code == .notFound else { throw error }
            if try erasureRecords(of: version.manifest.model).erased.contains(version.reference) {
                throw erased(version)
            }
            throw LetheError(
                code: .integrity, message: "\(path) of \(version.name) is lost.",
                remedy:
                    "Run the same command again, in case the version was being removed; if it is "
                    + "still lost, run lethe fsck and publish the file again or fetch its objects "
                    + "from another registry.", cause: error)
        }
    }

    /// The bytes of a version's files that are text in git, read from the store.
    func texts(of version: Version) throws(LetheError) -> [String: [UInt8]] {
        var texts: [String: [UInt8]] = [:]
        for file in version.manifest.files
        where VersionTree.isText(file.path, sizeBytes: file.sizeBytes) {
            texts[file.path] = try text(file, of: version)
        }
        return texts
    }

    /// A text from the store, or, where its object was erased, from the lineage, which keeps it.
    private func text(_ file: VersionFile, of version: Version) throws(LetheError) -> [UInt8] {
        do {
            return try storage.objects.read(file.digest)
        } catch {
            guard error.code == .notFound,
                try erasureRecords(of: version.manifest.model).erasedObjects
                    .contains(file.digest),
                let kept = try storage.lineage.readFile(TreePath(file.path), at: version.commit),
                Digest(hashing: kept) == file.digest
            else { throw error }
            return kept
        }
    }
}
