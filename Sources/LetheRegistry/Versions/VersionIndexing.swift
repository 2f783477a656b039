internal import LetheRecords
internal import LetheStorage

/// Reads versions and datasets from commits, for the registry and for its index.
enum VersionIndexing {
    static func version(at id: CommitID, in lineage: Lineage) throws(LetheError) -> Version {
        try version(lineage.commit(id), in: lineage)
    }

    static func version(
        _ commit: LineageCommit, in lineage: Lineage
    ) throws(LetheError) -> Version {
        let id = commit.id
        guard let bytes = try lineage.readFile(TreePath(VersionTree.manifestPath), at: id) else {
            throw LetheError(
                code: .malformed, message: "The commit \(id) is no version: it has no manifest.",
                remedy: "Somebody else wrote to this lineage; run lethe fsck.")
        }
        return Version(
            commit: id, parent: commit.parents.first,
            manifest: try VersionManifest.read(canonical: bytes),
            manifestDigest: Digest(hashing: bytes))
    }

    /// What the index keeps of a commit of a line.
    static func version(
        of reference: ReferenceName, _ commit: LineageCommit, position: Int, in lineage: Lineage
    ) throws(LetheError) -> IndexedVersion {
        guard reference.isModel else { return dataset(commit, number: position, on: reference) }
        let version = try version(commit, in: lineage)
        return indexed(version, on: reference, summary: commit.summary)
    }

    /// Every version of a line up to a tip, oldest first.
    static func versions(
        of reference: ReferenceName, tip: CommitID, in lineage: Lineage
    ) throws(LetheError) -> [IndexedVersion] {
        var found: [IndexedVersion] = []
        for (offset, commit) in try lineage.history(from: tip).reversed().enumerated() {
            found.append(
                try version(of: reference, commit, position: offset + 1, in: lineage))
        }
        return found
    }

    static func indexed(
        _ version: Version, on reference: ReferenceName, summary: String
    ) -> IndexedVersion {
        let manifest = version.manifest
        return IndexedVersion(
            reference: reference, number: manifest.number, commit: version.commit,
            parent: version.parent, operation: manifest.operation.rawValue,
            secondsSince1970: manifest.created.secondsSince1970, summary: summary,
            files: manifest.files.map { IndexedFile(path: $0.path, file: $0.stored) },
            requests: manifest.requests, dataset: manifest.run?.dataset.name,
            base: manifest.base?.weights)
    }

    /// A commit of a dataset's line, or of another one beside the models.
    static func dataset(
        _ commit: LineageCommit, number: Int, on reference: ReferenceName
    ) -> IndexedVersion {
        IndexedVersion(
            reference: reference, number: number, commit: commit.id,
            parent: commit.parents.first, operation: reference.kind?.rawValue ?? "",
            secondsSince1970: commit.secondsSince1970, summary: commit.summary, files: [],
            requests: [])
    }
}

extension VersionFile {
    /// The file as the store knows it.
    var stored: StoredFile { StoredFile(digest: digest, sizeBytes: sizeBytes, assembly: assembly) }

    init(path: String, _ stored: StoredFile) {
        self.init(
            path: path, digest: stored.digest, sizeBytes: stored.sizeBytes,
            assembly: stored.assembly)
    }
}
