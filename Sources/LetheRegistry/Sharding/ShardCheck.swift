internal import Foundation
internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// Checks what a sharded version says: everything that follows from its stages, its plan and its
/// deletions is computed again.
struct ShardCheck {
    let registry: Registry
    let trusted: TrustedKeys
    /// What signed tombstones name: it need not be there.
    let erased: Set<Digest>

    func check(_ version: Version, after parent: Version?) throws(LetheError) {
        let before = parent?.manifest.shards
        guard let state = version.manifest.shards else {
            try require(version, before == nil, "its parent is sharded and it is not")
            try require(
                version, version.manifest.operation != .rollback, "it was rolled back to no stage")
            return
        }
        let plan = try registry.plan(of: version, state)
        try require(
            version, before == nil || (before?.plan == state.plan && before?.base == state.base),
            "its parent has another plan or base")
        try require(
            version, try version.weights().digest == state.base, "its base is not the one it names")
        let deleted = try deletions(version)
        let expected = ShardState(
            plan: plan, planDigest: state.plan, base: state.base, stages: state.stages,
            deletedSlices: plan.slices(holding: deleted))
        try require(
            version, expected == state,
            "what it serves does not follow from its stages and its deletions")
        try checkStages(version, state, plan, after: before)
        try checkFiles(version, state)
    }

    /// Every request has its list, and commits to it.
    private func deletions(_ version: Version) throws(LetheError) -> Set<Digest> {
        var deleted: Set<Digest> = []
        let requests = try registry.requests(of: version)
        for request in requests {
            let deletion = try registry.deletion(of: request.id, in: version)
            try require(
                version, deletion.request == request.id && deletion.root == request.commitment,
                "the request \(request.id) asked for other samples than were deleted")
            deleted.formUnion(deletion.commitments)
        }
        let count = version.manifest.files.count { $0.path.hasPrefix("deletions/") }
        try require(version, count == requests.count, "it has lists of samples without a request")
        return deleted
    }

    private func checkStages(
        _ version: Version, _ state: ShardState, _ plan: ShardPlanRecord, after before: ShardState?
    ) throws(LetheError) {
        let places = Set(state.stages.map(\.record.place))
        try require(version, places.count == state.stages.count, "a stage is there twice")
        let known = Set((before?.stages ?? []).map(\.record))
        try require(
            version, known.isSubset(of: state.stages.map(\.record)), "a stage has disappeared")
        let revoked = Set(state.revoked)
        for stage in state.stages {
            let record = stage.record
            try require(version, record.file == stage.file.digest, "a stage names another file")
            guard !known.contains(record) else { continue }
            try require(
                version,
                plan.shards.indices.contains(record.place.shard)
                    && record.slices.allSatisfy((0..<plan.sliceCount).contains),
                "the plan has no slices of \(record.place)")
            let proof = ExactProof(
                plan: state.plan, base: state.base, deletions: [], deletedSlices: [],
                members: [
                    ExactMember(
                        shard: record.place.shard,
                        stages: state.chain(
                            from: ServedStage(shard: record.place.shard, file: record.file)))
                ])
            try require(version, proof.contradiction == nil, proof.contradiction ?? "")
            let mayBeGone =
                revoked.contains(record.file)
                || erased.contains(stage.file.assembly ?? stage.file.digest)
            let isGone = mayBeGone && !registry.has(stage.file)
            guard !isGone else { continue }
            try require(
                version, try registry.stageRecord(in: stage.file) == record,
                "the file of \(record.place) says otherwise of itself")
        }
    }

    private func checkFiles(_ version: Version, _ state: ShardState) throws(LetheError) {
        let files = version.manifest.files
        let ensemble = files.first { $0.path == EnsembleRecord.fileName }
        try require(
            version, try ensemble?.digest == state.ensemble.digest(),
            "its ensemble serves other files")
        let members = files.filter { $0.path.hasPrefix("shard-") }
        try require(
            version, members == state.memberFiles.sorted { $0.path < $1.path },
            "its files are not those of the served stages")
    }

    private func require(
        _ version: Version, _ holds: Bool, _ complaint: String
    ) throws(LetheError) {
        if !holds { throw Registry.inconsistent(version, complaint) }
    }
}

extension Registry {
    /// The list of samples that a request had deleted.
    func deletion(of request: String, in version: Version) throws(LetheError) -> Deletion {
        let path = Deletion.path(of: request)
        guard let file = version.manifest.files.first(where: { $0.path == path }) else {
            throw Self.inconsistent(version, "it has no \(path)")
        }
        return try Deletion.read(
            canonical: storage.objects.read(file.stored, limitBytes: Self.planLimitBytes))
    }

    /// Whether the object of a file, or its recipe, is there.
    func has(_ file: VersionFile) -> Bool {
        storage.objects.contains(file.assembly ?? file.digest)
    }

    /// What the file of a stage says about itself; the whole file is verified.
    func stageRecord(in file: VersionFile) throws(LetheError) -> StageRecord {
        try StageRecord(metadata: metadata(of: file), file: file.digest, named: file.path)
    }

    /// The metadata of a safetensors file of the store, every byte of which is verified.
    func metadata(of file: VersionFile) throws(LetheError) -> [String: String] {
        var prefix: [UInt8] = []
        var needed = 8
        try storage.objects.stream(file.stored) { (piece) throws(LetheError) in
            guard prefix.count < needed else { return }
            prefix += piece
            if prefix.count >= 8 {
                needed = 8 + (try SafetensorsHeader.jsonLength(ofFirstEight: Array(prefix[..<8])))
            }
        }
        return try SafetensorsHeader(
            parsing: Array(prefix.prefix(needed)), fileSizeBytes: file.sizeBytes
        ).metadata
    }
}
