internal import Foundation
internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// A version that is about to be written, and the one way to write it.
struct VersionDraft {
    var manifest: VersionManifest
    /// The bytes of the files that go into git as text.
    var texts: [String: [UInt8]]
    var requests: [ForgetRequest]
    var certificates: [Int: [UInt8]]
    /// One sentence for a person.
    var summary: String
    /// The lists of requests that this version honours first, by the request's id; those of its
    /// parent come from there.
    var sampleLists: [String: SampleList] = [:]
}

extension Registry {
    /// Writes a version on top of `parent`, in the order of `WriteOrder`.
    ///
    /// - Throws: `conflict` if another writer was first, naming the version that is there.
    func write(
        _ draft: VersionDraft, onto parent: Version?, objects: ObjectBatch, keys: KeyFolder
    ) throws(LetheError) -> Version {
        let manifest = draft.manifest
        let bytes = try manifest.canonicalBytes()
        for text in draft.texts.values { _ = try objects.put(text) }
        let tree = try VersionTree(
            manifest, texts: draft.texts, requests: draft.requests,
            certificates: draft.certificates, sampleLists: lists(of: draft, onto: parent))
        let reference = try ReferenceName.model(manifest.model)
        let commit = CommitDraft(
            tree: tree.files, parents: parent.map { [$0.commit] } ?? [],
            message: message(draft, onto: parent), author: Self.author,
            secondsSince1970: manifest.created.secondsSince1970)
        func version(_ id: CommitID) -> Version {
            Version(
                commit: id, parent: parent?.commit, manifest: manifest,
                manifestDigest: Digest(hashing: bytes))
        }
        let request =
            manifest.operation.honoursRequest
            ? try draft.requests.last?.digest() : nil
        do throws(LetheError) {
            let id = try writeOrder(keys).write(
                commit, on: reference, from: parent?.commit, objects: objects,
                sign: Self.signer(keys),
                logged: { (id, signed) in
                    LogLeaf(version: version(id), request: request, signed: signed)
                },
                indexed: {
                    VersionIndexing.indexed(version($0), on: reference, summary: draft.summary)
                })
            return version(id)
        } catch  where error.code == .conflict {
            throw conflict(with: error, model: manifest.model, parent: parent)
        }
    }

    /// The conflict in terms of versions.
    private func conflict(
        with error: LetheError, model: String, parent: Version?
    ) -> LetheError {
        guard let other = try? tip(of: model), other.commit != parent?.commit else { return error }
        let before = parent.map { "when this work began it was at v\($0.manifest.number)" }
        return LetheError(
            code: .conflict,
            message: "Somebody else was first: \(model) is now at \(other.name) "
                + "(\(other.manifest.operation.rawValue), \(other.manifest.created)); "
                + (before ?? "when this work began it did not exist") + ".",
            remedy: "Nothing is lost and what was stored is kept: look at \(other.name) with lethe "
                + "show, then run the same command again on top of it.", cause: error)
    }

    static let author = CommitAuthor(name: "Lethe", email: "lethe@localhost")

    static func signer(_ keys: KeyFolder) -> CommitSigner {
        { (bytes) throws(LetheError) in
            try SSHSignature(
                signing: bytes, namespace: KeyRole.operator.namespace, with: keys.operatorKey
            ).armored
        }
    }

    private func lists(
        of draft: VersionDraft, onto parent: Version?
    ) throws(LetheError) -> [String: SampleList] {
        guard let parent else { return draft.sampleLists }
        let known = Set(parent.manifest.requests)
        return try sampleLists(
            of: parent, requests: draft.requests.filter { known.contains($0.id) }
        ).merging(draft.sampleLists) { $1 }
    }

    private func message(_ draft: VersionDraft, onto parent: Version?) -> String {
        var trailers = [
            "Lethe-Operation: \(draft.manifest.operation.rawValue)",
            "Lethe-Version: \(draft.manifest.model)@v\(draft.manifest.number)",
        ]
        if draft.manifest.operation.honoursRequest {
            let honoured = Set(parent?.manifest.requests ?? [])
            for request in draft.manifest.requests where !honoured.contains(request) {
                trailers.append("Lethe-Request: \(request)")
            }
        }
        return "\(draft.summary)\n\n\(trailers.joined(separator: "\n"))\n"
    }
}
