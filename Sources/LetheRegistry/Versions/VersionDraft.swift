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
        let next = try NextVersion(draft, onto: parent, objects: objects, in: self)
        do throws(LetheError) {
            let commits = try writeOrder(keys).write(
                [next.write], objects: objects, sign: Self.signer(keys))
            return next.version(commits[0])
        } catch  where error.code == .conflict {
            throw conflict(with: error, model: draft.manifest.model, parent: parent)
        }
    }

    /// Writes versions of as many models together, in the order of `WriteOrder`.
    ///
    /// - Throws: `conflict` if another writer was first at one of them; none is written then.
    func write(
        _ drafts: [(draft: VersionDraft, parent: Version?)], objects: ObjectBatch, keys: KeyFolder
    ) throws(LetheError) -> [Version] {
        let next = try drafts.mapping { (pair) throws(LetheError) in
            try NextVersion(pair.draft, onto: pair.parent, objects: objects, in: self)
        }
        let commits = try writeOrder(keys).write(
            next.map(\.write), objects: objects, sign: Self.signer(keys))
        return zip(next, commits).map { $0.version($1) }
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
}

extension VersionDraft {
    /// The commit's message: a sentence and trailers.
    func message(onto parent: Version?) -> String {
        var trailers = [
            "Lethe-Operation: \(manifest.operation.rawValue)",
            "Lethe-Version: \(manifest.model)@v\(manifest.number)",
        ]
        if manifest.operation.honoursRequest {
            let honoured = Set(parent?.manifest.requests ?? [])
            for request in manifest.requests where !honoured.contains(request) {
                trailers.append("Lethe-Request: \(request)")
            }
        }
        return "\(summary)\n\n\(trailers.joined(separator: "\n"))\n"
    }
}
