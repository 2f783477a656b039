internal import LetheRecords
internal import LetheStorage

/// A draft made ready for `WriteOrder`: its tree, and what log and index shall say.
struct NextVersion {
    let write: VersionWrite
    private let manifest: VersionManifest
    private let manifestDigest: Digest
    private let parent: CommitID?

    /// Lays out the tree; requests and certificates that the parent has are taken over as they are.
    init(
        _ draft: VersionDraft, onto parent: Version?, objects: ObjectBatch, in registry: Registry
    ) throws(LetheError) {
        let manifest = draft.manifest
        objects.line = manifest.model
        for text in draft.texts.values { _ = try objects.put(text) }
        let base = try parent.mapping { (version) throws(LetheError) in
            try registry.storage.lineage.tree(of: version.commit)
        }
        let requests = draft.requests.filter { base?.has(VersionTree.requestPath($0.id)) != true }
        let certificates = draft.certificates.filter {
            base?.has(VersionTree.certificatePath($0.key)) != true
        }
        let new = try VersionTree(
            manifest, texts: draft.texts, requests: requests, certificates: certificates,
            sampleLists: draft.sampleLists)
        let paths =
            draft.requests.map { VersionTree.requestPath($0.id) }
            + draft.requests.map { VersionTree.sampleListPath($0.id) }
            .filter { base?.has($0) == true }
            + draft.certificates.keys.map(VersionTree.certificatePath)
        let kept = try paths.mapping { (path) throws(LetheError) in try TreePath(path) }
            .filter { new.files[$0] == nil }
        let digest = Digest(hashing: new.manifest)
        let request = manifest.operation.honoursRequest ? try draft.requests.last?.digest() : nil
        let line = try ReferenceName.model(manifest.model)
        let previous = parent?.commit
        func version(_ id: CommitID) -> Version {
            Version(commit: id, parent: previous, manifest: manifest, manifestDigest: digest)
        }
        write = VersionWrite(
            CommitDraft(
                tree: new.files, keeping: kept, of: base, parents: previous.map { [$0] } ?? [],
                message: draft.message(onto: parent), author: Registry.author,
                secondsSince1970: manifest.created.secondsSince1970),
            on: line, from: previous,
            logged: { LogLeaf(version: version($0), request: request, signed: $1) },
            indexed: { VersionIndexing.indexed(version($0), on: line, summary: draft.summary) })
        self.manifest = manifest
        manifestDigest = digest
        self.parent = previous
    }

    /// The version that the commit is.
    func version(_ commit: CommitID) -> Version {
        Version(
            commit: commit, parent: parent, manifest: manifest, manifestDigest: manifestDigest)
    }
}

extension CommitTree {
    func has(_ path: String) -> Bool { files[path]?.isOrdinary == true }
}
