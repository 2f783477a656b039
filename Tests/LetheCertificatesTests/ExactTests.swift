import LetheCertificates
import LetheRecords
import Testing

/// A served chain of two stages on slices 2 and 0 of three; slice 1 is deleted.
private struct ExactSample {
    static let request = "r-000000000001"
    static let base = Digest(hashing: "base".utf8)
    static let slices = (0..<3).map { slice in
        (0..<4).map { Digest(hashing: "sample \(slice) \($0)".utf8) }
    }
    static let plan = ShardPlanRecord(
        dataset: DatasetReference(name: "d", digest: Digest(hashing: "d".utf8)), split: "train",
        commitmentKey: "0123456789abcdef", sequenceMinimum: 2,
        shards: [PlannedShard(slices: slices, sequences: [[2, 0, 1], [0, 1, 2]])])
    static let deletion = Deletion(request: request, groups: [[slices[1][3]]])

    var stages: [StageRecord]
    var proof: ExactProof
    var ensemble: EnsembleRecord

    init() throws {
        let plan = try Self.plan.digest()
        let files = (1...3).map { Digest(hashing: "stage \($0)".utf8) }
        stages = (1...3).map { stage in
            StageRecord(
                file: files[stage - 1], base: Self.base, plan: plan,
                place: StagePlace(shard: 0, sequence: 0, stage: stage),
                slices: Array([2, 0, 1].prefix(stage)), parent: stage > 1 ? files[stage - 2] : nil)
        }
        proof = ExactProof(
            plan: plan, base: Self.base,
            deletions: [RequestReference(id: Self.request, digest: try Self.deletion.digest())],
            deletedSlices: [SlicePlace(shard: 0, slice: 1)],
            members: [ExactMember(shard: 0, stages: [stages[1], stages[0]])])
        ensemble = Self.ensemble(stages[1].file)
    }

    static func ensemble(_ file: Digest) -> EnsembleRecord {
        EnsembleRecord(
            base: EnsembleFile(path: "model.safetensors", digest: base),
            members: [
                EnsembleFile(path: EnsembleRecord.memberPath(ofShard: 0), digest: file)
            ])
    }

    /// What the file of the served stage says of itself.
    var served: StageRecord { stages[proof.members[0].stages.count - 1] }

    func evidence(says: StageRecord? = nil) throws -> ExactEvidence {
        let record = says ?? served
        return try ExactEvidence(
            for: proof,
            file: { (path) throws(LetheError) in
                switch path {
                case ShardPlanRecord.fileName: try Self.plan.canonicalBytes()
                case EnsembleRecord.fileName: try ensemble.canonicalBytes()
                default: try Self.deletion.canonicalBytes()
                }
            },
            metadata: { _ in
                StageRecord.metadata(
                    base: record.base, plan: record.plan, place: record.place,
                    slices: record.slices, parent: record.parent)
            })
    }

    func subjects() throws -> [Subject] {
        [
            Subject(name: "model.safetensors", digest: Self.base),
            Subject(name: ShardPlanRecord.fileName, digest: try Self.plan.digest()),
            Subject(name: EnsembleRecord.fileName, digest: try ensemble.digest()),
            Subject(
                name: Deletion.path(of: Self.request), digest: try Self.deletion.digest()),
            Subject(
                name: EnsembleRecord.memberPath(ofShard: 0), digest: proof.members[0].stages[0].file
            ),
        ]
    }

    func verdict() throws -> ForgetVerdict {
        var verdict = Samples.verdict()
        verdict.exact = proof
        verdict.report.weights = try ensemble.digest()
        verdict.report.forgotten = []
        return verdict
    }
}

@Suite("Certificates of exactness")
struct ExactTests {
    private func refused(_ body: () throws -> Void) {
        let error = #expect(throws: LetheError.self) { try body() }
        #expect(
            error.map { [.refused, .invalidArgument].contains($0.code) } == true,
            "\(String(describing: error))")
    }

    @Test("A clean ancestry is certified, and its files support it")
    func passes() throws {
        let (parties, sample) = (try Parties(), try ExactSample())
        let bytes = try Certificate.issue(
            sample.verdict(), on: sample.subjects(), with: parties.verifier)
        let checked = try CertificateCheck(trusted: parties.trusted)
            .check(bytes, files: sample.subjects())
        #expect(checked.verdict.exact == sample.proof)
        try sample.evidence().check(sample.proof)
    }

    @Test("A verdict without a proof has the bytes that it always had")
    func absent() throws {
        let text = String(decoding: try Samples.verdict().canonicalBytes(), as: UTF8.self)
        #expect(!text.contains("exact"))
    }

    @Test("A stage that saw a deleted slice, said to be clean or not, is refused")
    func dirty() throws {
        let parties = try Parties()
        var sample = try ExactSample()
        sample.proof.members = [ExactMember(shard: 0, stages: sample.stages.reversed())]
        sample.ensemble = ExactSample.ensemble(sample.stages[2].file)
        refused {
            _ = try Certificate.issue(
                sample.verdict(), on: sample.subjects(), with: parties.verifier)
        }
        sample.proof.deletedSlices = []
        #expect(sample.proof.contradiction == nil)
        refused { try sample.evidence().check(sample.proof) }
        sample.proof.deletions = []
        refused {
            _ = try Certificate.issue(
                sample.verdict(), on: sample.subjects(), with: parties.verifier)
        }
    }

    @Test("A served file that says something else of itself is refused")
    func otherFile() throws {
        let sample = try ExactSample()
        refused { try sample.evidence(says: sample.stages[2]).check(sample.proof) }
        refused { try sample.evidence(says: sample.stages[0]).check(sample.proof) }
    }

    @Test("A chain that is cut, swapped, of another plan or base, or of another shard is refused")
    func brokenChains() throws {
        let sample = try ExactSample()
        let other = Digest(hashing: "other".utf8)
        let (first, second) = (sample.stages[0], sample.stages[1])
        func changed(
            _ stage: StageRecord, base: Digest? = nil, plan: Digest? = nil, slices: [Int]? = nil,
            parent: Digest? = nil
        ) -> StageRecord {
            StageRecord(
                file: stage.file, base: base ?? stage.base, plan: plan ?? stage.plan,
                place: stage.place, slices: slices ?? stage.slices, parent: parent ?? stage.parent)
        }
        let chains: [[StageRecord]] = [
            [], [second], [first, second], [second, second], [second, changed(first, base: other)],
            [changed(second, plan: other), first], [changed(second, slices: [0, 2]), first],
            [changed(second, slices: [2, 2]), first], [changed(second, slices: [2]), first],
            [changed(second, parent: other), first], [second, changed(first, parent: other)],
            [second, first, first],
        ]
        for (number, chain) in chains.enumerated() {
            var proof = sample.proof
            proof.members = [ExactMember(shard: 0, stages: chain)]
            #expect(proof.contradiction != nil, "chain \(number)")
            proof.members = [ExactMember(shard: 1, stages: sample.proof.members[0].stages)]
            #expect(proof.contradiction != nil)
        }
    }

    @Test("A request for other samples than those deleted, and another ensemble, are refused")
    func otherRecords() throws {
        var sample = try ExactSample()
        let request = try ForgetRequest(
            model: "m", received: Timestamp(secondsSince1970: 0), classes: [],
            dataset: ExactSample.plan.dataset, sampleCount: 1,
            commitment: Digest(hashing: "another root".utf8), reference: nil)
        refused { try sample.evidence().check(sample.proof, requests: [request]) }
        sample.ensemble = ExactSample.ensemble(sample.stages[2].file)
        refused { try sample.evidence().check(sample.proof) }
    }
}
