public import LetheRecords

/// The files of a version that an exact certificate rests on, as an outsider has them.
public struct ExactEvidence: Sendable {
    private let plan: ShardPlanRecord
    private let ensemble: EnsembleRecord
    private let deletions: [Deletion]
    private let members: [StageRecord]

    /// Reads the files.
    ///
    /// - Parameters:
    ///   - proof: What the certificate claims.
    ///   - file: Gives the bytes of a text file of the version.
    ///   - metadata: Gives the metadata of a safetensors file of the version.
    /// - Throws: `malformed` for files that are none, and what the two closures throw.
    public init(
        for proof: ExactProof, file: (_ path: String) throws(LetheError) -> [UInt8],
        metadata: (_ path: String) throws(LetheError) -> [String: String]
    ) throws(LetheError) {
        let planBytes = try file(ShardPlanRecord.fileName)
        try Self.require(planBytes, proof.plan, ShardPlanRecord.fileName)
        plan = try ShardPlanRecord.read(plan: planBytes)
        ensemble = try EnsembleRecord.read(canonical: file(EnsembleRecord.fileName))
        var deletions: [Deletion] = []
        for reference in proof.deletions {
            let path = Deletion.path(of: reference.id)
            let bytes = try file(path)
            try Self.require(bytes, reference.digest, path)
            deletions.append(try Deletion.read(canonical: bytes))
        }
        self.deletions = deletions
        var members: [StageRecord] = []
        for member in proof.members {
            let path = EnsembleRecord.memberPath(ofShard: member.shard)
            members.append(
                try StageRecord(
                    metadata: metadata(path), file: member.stages.first?.file ?? proof.base,
                    named: path))
        }
        self.members = members
    }

    /// Checks that the proof follows from the files: the plan puts what was deleted into slices that
    /// no stage of a served chain saw, and the served files say the same of themselves.
    ///
    /// - Parameter requests: The requests, where they are at hand: each must commit to its list.
    /// - Throws: `refused` for a proof that the files contradict.
    public func check(
        _ proof: ExactProof, requests: [ForgetRequest]? = nil
    ) throws(LetheError) {
        if let reason = proof.contradiction(plan: plan, deletions: deletions, ensemble: ensemble) {
            throw Self.refused(reason)
        }
        for (member, found) in zip(proof.members, members) where member.stages.first != found {
            throw Self.refused("the file of shard \(member.shard) says otherwise of itself")
        }
        guard let requests else { return }
        for (request, deletion) in zip(requests, deletions)
        where request.id != deletion.request || request.commitment != deletion.root {
            throw Self.refused(
                "the request \(request.id) asked for other samples than were deleted")
        }
    }

    private static func require(
        _ bytes: [UInt8], _ digest: Digest, _ path: String
    ) throws(LetheError) {
        guard Digest(hashing: bytes) != digest else { return }
        throw refused("\(path) is another file than the proof names")
    }

    private static func refused(_ reason: String) -> LetheError {
        LetheError(
            code: .refused, message: "The claim of exactness does not hold: \(reason).",
            remedy: "Ask the verifier; its key or its program may be compromised.")
    }
}
