internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// A sharded version that is about to be written.
struct ShardDraft {
    var parent: Version?
    var model: String
    var operation: LetheRecords.Operation
    /// The base: its configuration, preprocessing and weights.
    var base: [VersionFile]
    /// The bytes of those that are text.
    var texts: [String: [UInt8]]
    var plan: ShardPlanRecord
    var state: ShardState
    /// The lists of deleted samples that the parent has.
    var deletions: [VersionFile] = []
    /// The list that is new.
    var deletion: Deletion?
    var requests: [ForgetRequest] = []
    var run: RunDescription?
    var summary: String
}

extension Registry {
    /// Writes a sharded version: the base, what each shard serves, and what proves that it may.
    func write(
        _ draft: ShardDraft, objects batch: ObjectBatch, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> Version {
        var texts = draft.texts
        var files = draft.base + draft.deletions
        let number = (draft.parent?.manifest.number ?? 0) + 1
        let card = ModelCard.text(
            authored: texts[ModelCard.name].map { String(decoding: $0, as: UTF8.self) },
            model: draft.model, operation: draft.operation, number: number,
            requests: draft.requests)
        let made: [(String, [UInt8])] =
            [
                (ModelCard.name, Array(card.utf8)),
                (ShardPlanRecord.fileName, try draft.plan.canonicalBytes()),
                (EnsembleRecord.fileName, try draft.state.ensemble.canonicalBytes()),
            ]
            + (try draft.deletion.mapping { (deletion) throws(LetheError) in
                [(Deletion.path(of: deletion.request), try deletion.canonicalBytes())]
            } ?? [])
        for (name, bytes) in made {
            files.append(try store(text: bytes, as: name, in: batch, &texts))
        }
        files += draft.state.memberFiles
        let manifest = VersionManifest(
            model: draft.model, number: number, parent: draft.parent?.manifestDigest,
            operation: draft.operation, created: now, files: files,
            requests: draft.requests.map(\.id), run: draft.run, shards: draft.state)
        return try write(
            VersionDraft(
                manifest: manifest, texts: texts, requests: draft.requests,
                certificates: draft.parent.mapping(certificates(of:)) ?? [:],
                summary: draft.summary),
            onto: draft.parent, objects: batch, keys: keys)
    }

    /// A sharded version goes on as one; other weights on top of it would undo its deletions.
    func refuseSharded(_ parent: Version) throws(LetheError) {
        guard parent.manifest.shards != nil else { return }
        throw LetheError(
            code: .refused, message: "\(parent.name) is a sharded model.",
            remedy: "Publish or train under another name; see lethe s3t --help for what a sharded "
                + "model can do.")
    }

    /// The plan of a sharded version.
    ///
    /// - Throws: `integrity`, `malformed`.
    func plan(of version: Version, _ state: ShardState) throws(LetheError) -> ShardPlanRecord {
        guard
            let file = version.manifest.files.first(where: { $0.path == ShardPlanRecord.fileName }),
            file.digest == state.plan
        else { throw Self.inconsistent(version, "it names another plan than it has") }
        return try ShardPlanRecord.read(
            plan: storage.objects.read(file.stored, limitBytes: Self.planLimitBytes))
    }

    /// The state of a version's shards.
    ///
    /// - Throws: `unsupported` for a model without any.
    func shards(of version: Version) throws(LetheError) -> ShardState {
        guard let state = version.manifest.shards else {
            throw LetheError(
                code: .unsupported, message: "\(version.name) is no sharded model.",
                remedy: "Train one with lethe train --recipe s3t.")
        }
        return state
    }

    static let planLimitBytes = 1 << 30

    static func inconsistent(_ version: Version, _ complaint: String) -> LetheError {
        LetheError(
            code: .integrity, message: "\(version.name) is inconsistent: \(complaint).",
            remedy: "Restore the lineage from a backup or another clone.")
    }
}

extension ShardState {
    /// What a consumer loads.
    var ensemble: EnsembleRecord {
        EnsembleRecord(
            base: EnsembleFile(path: VersionTree.weightsName, digest: base),
            members: memberFiles.map { EnsembleFile(path: $0.path, digest: $0.digest) })
    }

    /// The files of the served stages, under the names that a consumer sees.
    var memberFiles: [VersionFile] {
        served.compactMap { served in
            stage(served.file).map { stage in
                VersionFile(
                    path: EnsembleRecord.memberPath(ofShard: served.shard), stage.file.stored)
            }
        }
    }
}
