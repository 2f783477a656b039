import LetheRecords
import Testing

@testable import LetheForgetting

/// Sections 2.1, 2.2 and 2.6 of the method's restatement.
@Suite("S3T: plans of shards, and what is served after deletions")
struct ShardPlanTests {
    private static let dataset = Digest(hashing: [1])
    private static let base = Digest(hashing: [2])
    private let positions = (0..<50).map { SamplePosition(split: "train", index: $0) }

    private func plan(
        shards: Int = 2, slices: Int = 4, budget: Int = 4, secret: UInt64 = 7,
        choice: SequenceChoice = .rotation
    ) throws -> ShardPlan {
        try ShardPlan(
            dataset: Self.dataset, samples: positions, shardCount: shards, sliceCount: slices,
            budget: budget, choice: choice, secretSeed: secret)
    }

    /// A system whose stages are all trained, on paper.
    private func trained(_ plan: ShardPlan) throws -> ShardedSystem {
        var system = try ShardedSystem(plan: plan, base: Self.base)
        for place in system.pendingStages {
            let parent = place.parent.flatMap { system.record(of: $0)?.file }
            try system.add(record(place, system, parent: parent))
        }
        return system
    }

    private func record(
        _ place: StagePlace, _ system: ShardedSystem, parent: Digest?
    ) throws -> StageRecord {
        StageRecord(
            file: Digest(hashing: Array(place.description.utf8)), base: system.base,
            plan: system.planDigest, place: place,
            slices: try #require(system.plan.slices(of: place)), parent: parent)
    }

    @Test("Every sample is in one slice, slices are of one size, and only the seed decides which")
    func assignment() throws {
        let plan = try plan()
        let sizes = plan.shards.flatMap { $0.slices.map(\.count) }
        #expect(sizes.count == 8 && sizes.min() == 6 && sizes.max() == 7)
        #expect(plan.shards.flatMap { $0.slices.joined() }.sorted() == positions)
        for position in positions {
            let place = try #require(plan.place(of: position))
            #expect(plan.shards[place.shard].slices[place.slice].contains(position))
        }
        let reversed = try ShardPlan(
            dataset: Self.dataset, samples: positions.reversed(), shardCount: 2, sliceCount: 4,
            budget: 4, secretSeed: 7)
        #expect(reversed == plan)
        #expect(try self.plan(secret: 8) != plan)
    }

    @Test("The orders are those that were asked for, each once")
    func orders() throws {
        #expect(try plan(budget: 2).shards[1].sequences == [[0, 1, 2, 3], [3, 0, 1, 2]])
        let matched = try plan(
            budget: 3, choice: .matching(probabilities: [0.4, 0.3, 0.2, 0.1], deletionCount: 4))
        #expect(matched.shards.allSatisfy { $0.sequences.count == 3 })
        let drawn = try plan(
            budget: 200, choice: .sampling(probabilities: [0.4, 0.3, 0.2, 0.1]))
        #expect(drawn.shards.allSatisfy { Set($0.sequences).count == $0.sequences.count })
        #expect(drawn.shards[0].sequences != drawn.shards[1].sequences)
    }

    @Test("A plan and a system are the same after a way through JSON, and nonsense is refused")
    func storing() throws {
        let plan = try plan()
        #expect(try ShardPlan(canonical: CanonicalJSON.encode(plan)) == plan)
        var system = try trained(plan)
        _ = try system.delete(positions[3])
        #expect(try ShardedSystem(canonical: CanonicalJSON.encode(system)) == system)
        let shared = [[positions[0]], [positions[1], positions[0]]]
        #expect(throws: LetheError.self) {
            try ShardPlan(dataset: Self.dataset, slices: [shared], budget: 1, secretSeed: 1)
        }
        #expect(throws: LetheError.self) { try self.plan(shards: 20) }
        #expect(throws: LetheError.self) { try self.plan(budget: 0) }
        #expect(throws: LetheError.self) {
            try self.plan(choice: .sampling(probabilities: [0.9, 0.9, 0, 0]))
        }
    }

    @Test("Groups of layers go from the top down by number; what is left over is never trained")
    func groups() throws {
        let twelve = try LayerGroups(blockCount: 12, groupCount: 4)
        #expect((1...4).map { twelve.blocks(ofStage: $0) } == [9..<12, 6..<9, 3..<6, 0..<3])
        #expect(twelve.untrainedBlocks.isEmpty)
        let uneven = try LayerGroups(blockCount: 14, groupCount: 4)
        #expect(uneven.blocks(ofStage: 1) == 11..<14 && uneven.untrainedBlocks == 0..<2)
        #expect(throws: LetheError.self) { try LayerGroups(blockCount: 3, groupCount: 4) }
    }

    @Test("A deletion moves each shard to a clean ancestor and revokes all that saw the slice")
    func deletion() throws {
        var system = try trained(plan())
        // The orders are 0123, 3012, 2301 and 1230.
        let sample = system.plan.shards[1].slices[3][0]
        let outcome = try system.delete(sample)
        #expect(outcome.slice == SlicePlace(shard: 1, slice: 3))
        #expect(outcome.served[0]?.place == StagePlace(shard: 0, sequence: 0, stage: 4))
        #expect(outcome.served[1]?.place == StagePlace(shard: 1, sequence: 0, stage: 3))
        let revoked = outcome.revoked.map { [$0.place.sequence, $0.place.stage] }
        let expected = [
            [0, 4], [1, 1], [1, 2], [1, 3], [1, 4], [2, 2], [2, 3], [2, 4], [3, 3], [3, 4],
        ]
        #expect(Set(revoked) == Set(expected) && revoked.count == expected.count)
        #expect(outcome.alarms.isEmpty && system.contributingSlices.count == 7)
        #expect(system.revokedStages.count == expected.count)
        let late = StagePlace(shard: 1, sequence: 0, stage: 4)
        #expect(throws: LetheError.self) { try system.requireTrainable(late) }
    }

    @Test("Alarms come before the last sequence dies, when a shard dies, and when all are dead")
    func alarms() throws {
        var system = try trained(plan(shards: 1, slices: 2, budget: 2))
        let slices = system.plan.shards[0].slices
        #expect(
            try system.delete(slices[0][0]).alarms == [.fewSequences(shard: 0, aliveCount: 1)])
        let last = try system.delete(slices[1][0])
        #expect(last.alarms == [.deadShard(shard: 0), .deadSystem])
        #expect(last.served == [nil] && system.contributingSlices.isEmpty)
        #expect(throws: LetheError.self) { try system.proof(for: 0) }
    }

    @Test("No stage that is served ever saw a deleted slice, whatever is deleted in which order")
    func property() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("the seed of the deletions is \(seed)")
        var random = SplitMix64(seed: seed)
        for _ in 0..<20 {
            let slices = 1 + random.below(4)
            let plan = try plan(
                shards: 1 + random.below(3), slices: slices, budget: 1 + random.below(slices + 2),
                secret: random.next())
            var system = try trained(plan)
            var single = try trained(alone(plan))
            for _ in 0..<8 {
                let sample = positions[random.below(positions.count)]
                let outcome = try system.delete(sample)
                _ = try single.delete(sample)
                let deleted = Set(system.deletedSlices)
                #expect(deleted.isDisjoint(with: system.contributingSlices))
                #expect(
                    Set(outcome.served.compactMap(\.self)).isDisjoint(with: system.revokedStages))
                #expect(system.contributingSlices.count >= single.contributingSlices.count)
                for shard in plan.shards.indices where system.served(by: shard) != nil {
                    try verify(system.proof(for: shard), system)
                }
            }
        }
    }

    /// The same shards with one sequence each: SISA with checkpoints.
    private func alone(_ plan: ShardPlan) throws -> ShardPlan {
        try ShardPlan(
            dataset: plan.dataset, slices: plan.shards.map(\.slices), budget: 1, secretSeed: 1)
    }

    private func verify(_ proof: StageProof, _ system: ShardedSystem) throws {
        try proof.verify(
            plan: system.plan, base: Self.base,
            deletedSlices: system.deletedSlices(of: proof.shard), files: system.stages)
    }

    @Test("A proof with a dirty stage, a broken link, a missing stage or a missing file is refused")
    func forgedProofs() throws {
        var system = try trained(plan(shards: 1))
        let before = try system.proof(for: 0)
        let outcome = try system.delete(system.plan.shards[0].slices[3][0])
        let proof = try system.proof(for: 0)
        try verify(proof, system)
        #expect(proof.stages.map(\.slices) == [[0, 1, 2], [0, 1], [0]])
        #expect(proof.deletedSlices == [outcome.slice.slice])
        #expect(refusal(before, system)?.code == .refused)
        let served = proof.stages[0]
        let orphan = StageRecord(
            file: served.file, base: served.base, plan: served.plan, place: served.place,
            slices: served.slices, parent: Digest(hashing: [9]))
        for stages in [
            [], Array(proof.stages.dropLast()), [proof.stages[0], proof.stages[2]],
            proof.stages.reversed(), [orphan] + proof.stages.dropFirst(),
        ] {
            let forged = StageProof(shard: 0, deletedSlices: [3], stages: stages)
            #expect(refusal(forged, system)?.code == .integrity)
        }
        let blind = #expect(throws: LetheError.self) {
            try proof.verify(plan: system.plan, base: Self.base, deletedSlices: [3], files: [])
        }
        #expect(blind?.code == .notFound)
        // A file that agrees with its forged record still has to agree with the plan.
        let innocent = StageRecord(
            file: served.file, base: served.base, plan: served.plan, place: served.place,
            slices: [0, 1, 3], parent: served.parent)
        let lie = StageProof(
            shard: 0, deletedSlices: [], stages: [innocent] + proof.stages.dropFirst())
        let lied = #expect(throws: LetheError.self) {
            try lie.verify(
                plan: system.plan, base: Self.base, deletedSlices: [],
                files: [innocent] + proof.stages.dropFirst())
        }
        #expect(lied?.code == .integrity)
    }

    private func refusal(_ proof: StageProof, _ system: ShardedSystem) -> LetheError? {
        #expect(throws: LetheError.self) { try verify(proof, system) }
    }

    @Test("A stage of another plan, out of turn or twice is not taken in")
    func strangers() throws {
        var system = try ShardedSystem(plan: plan(), base: Self.base)
        let first = try record(StagePlace(shard: 0, sequence: 0, stage: 1), system, parent: nil)
        let second = try record(
            StagePlace(shard: 0, sequence: 0, stage: 2), system, parent: first.file)
        #expect(throws: LetheError.self) { try system.add(second) }
        let other = try ShardedSystem(plan: plan(secret: 8), base: Self.base)
        let stranger = try record(first.place, other, parent: nil)
        #expect(throws: LetheError.self) { try system.add(stranger) }
        try system.add(first)
        #expect(throws: LetheError.self) { try system.add(first) }
        #expect(throws: LetheError.self) {
            try system.add(record(second.place, system, parent: Digest(hashing: [4])))
        }
        try system.add(second)
        #expect(system.served(by: 0) == second && system.served(by: 1) == nil)
    }
}
