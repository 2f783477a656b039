import Foundation
import LetheCertificates
import LetheRecords
import LetheStorage
import TestSupport
import Testing

@testable import LetheRegistry

@Suite("A sharded model, from its plan to its certificate")
struct ShardedModelTests {
    private let tiny: TinyRegistry
    private let registry: Registry

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.addDataset(in: registry)
    }

    /// The slice that a sample of the fake plan is in.
    private func place(of sample: Int) -> SlicePlace {
        SlicePlace(shard: sample % 2, slice: sample / 2 % 3)
    }

    @Test("Training names every stage, and serves the longest sequence of each shard")
    func training() async throws {
        let version = try await tiny.trainShards(in: registry)
        let state = try #require(version.manifest.shards)
        #expect(version.manifest.operation == .finetune && version.manifest.run?.method == "s3t")
        #expect(state.stages.count == 12 && state.revoked.isEmpty && state.alarms.isEmpty)
        #expect(state.livingSequenceCounts == [2, 2] && state.contributingSliceCount == 6)
        #expect(
            version.manifest.files.map(\.path) == [
                "README.md", "config.json", "ensemble.json", "model.safetensors",
                "preprocessor_config.json", "s3t-plan.json", "shard-0/adapter_model.safetensors",
                "shard-1/adapter_model.safetensors",
            ])
        #expect(try tiny.check(registry).findings.isEmpty)
        await expect(.alreadyExists) { try await tiny.trainShards(in: registry) }
        await expect(.refused) { try await tiny.publish(as: TinyRegistry.sharded, in: registry) }
    }

    @Test("A deletion serves clean stages only, trains nothing, and raises alarms")
    func deletion() async throws {
        try await tiny.trainShards(in: registry)
        // The orders are 012 and 201; sample 4 is in slice 2 of shard 0.
        let version = try tiny.rollBack(samples: [4], in: registry)
        let state = try #require(version.manifest.shards)
        #expect(version.manifest.operation == .rollback && version.manifest.run == nil)
        #expect(state.deletedSlices == [place(of: 4)])
        #expect(state.served.map { state.stage($0.file)?.record.slices } == [[0, 1], [0, 1, 2]])
        #expect(state.livingSequenceCounts == [1, 2])
        #expect(state.alarms == ["shard 0 has 1 living sequence, fewer than 2"])
        #expect(state.revoked.count == 4 && state.stages.count == 12)
        let request = try #require(registry.requests(of: version).first)
        #expect(request.classes.isEmpty && request.sampleCount == 1)
        #expect(try tiny.check(registry).findings.isEmpty)
        let entries = try registry.trace(request.id).entries
        #expect(entries.map(\.contains).filter { $0 }.count == 1)
    }

    @Test("What cannot be deleted is refused, and nothing is written")
    func refusals() async throws {
        try await tiny.trainShards(in: registry)
        await expect(.notFound) { try tiny.rollBack(samples: [24], in: registry) }
        await expect(.invalidArgument) { try tiny.rollBack(in: registry) }
        await expect(.invalidArgument) { try tiny.rollBack(samples: [1, 1], in: registry) }
        // Every slice has a sample of every class.
        await expect(.refused) { try tiny.rollBack(classes: [2], in: registry) }
        await expect(.invalidArgument) {
            _ = try registry.rollBack(
                RollBackOrder(model: "sharded", classes: [1], dataset: "other"), keys: tiny.keys(),
                now: TinyRegistry.now)
        }
        #expect(try registry.tip(of: "sharded")?.manifest.number == 1)
        let secret = tiny.keysFolder.appending(path: "s3t")
        try FileManager.default.removeItem(at: secret)
        await expect(.notFound) { try tiny.rollBack(samples: [1], in: registry) }
    }

    @Test("A request for a class deletes its samples, through the same verb as for other models")
    func classes() async throws {
        try await tiny.trainShards(grouping: "label", in: registry)
        let version = try await registry.forget(
            ForgetOrder(
                model: "sharded", classes: [3], dataset: TinyRegistry.dataset,
                recipe: TinyRegistry.shardRecipe(), seed: 1, place: TinyRegistry.place),
            engine: FakeEngine(), keys: tiny.keys(), now: TinyRegistry.now, progress: { _ in })
        let request = try #require(registry.requests(of: version).first)
        let dataset = try registry.dataset(named: TinyRegistry.dataset).record
        let root = try dataset.split(named: "train").classCommitments[3]
        #expect(request.classes == [3] && request.sampleCount == TinyDataset.trainCount)
        #expect(request.commitment == MerkleTree.root(of: [root]))
        let configuration = try registry.texts(of: version)["config.json"] ?? []
        #expect(String(decoding: configuration, as: UTF8.self).contains("forgotten-3"))
        #expect(try tiny.check(registry).findings.isEmpty)
        await expect(.invalidArgument) { try tiny.rollBack(classes: [3], in: registry) }
    }

    @Test("A certificate proves exactness, and the pulled folder is all that its check needs")
    func certificate() async throws {
        try await tiny.trainShards(in: registry)
        try tiny.rollBack(samples: [4, 5], in: registry)
        let certified = try #require(try await tiny.certifyShards(in: registry).certified)
        #expect(certified.manifest.shards?.deletedSlices.count == 2)
        #expect(try registry.show(Revision("sharded")).verdict?.exact?.members.count == 2)
        let target = tiny.folder("pulled")
        _ = try registry.pull(
            Revision("sharded"), to: target, allowingUncertified: false, progress: { _ in })
        let checked = try check(target)
        #expect(checked.verdict.exact?.deletedSlices == [place(of: 4), place(of: 5)])
        #expect(try tiny.check(registry).findings.isEmpty)
        for url in files(below: target) {
            let whole = try Data(contentsOf: url)
            for place in [whole.count / 3, whole.count * 9 / 10] {
                var changed = whole
                changed[place] ^= 4
                try changed.write(to: url)
                let error = #expect(throws: LetheError.self, "\(url.path)") { try check(target) }
                #expect(error?.code == .integrity || error?.code == .refused)
            }
            try whole.write(to: url)
        }
        #expect(throws: Never.self) { try check(target) }
    }

    private func check(_ folder: URL) throws(LetheError) -> CheckedCertificate {
        try CertificateFiles.check(
            certificate: folder.appending(path: Registry.certificateName), folder: folder,
            allowedSigners: tiny.root.appending(path: "keys/allowed_signers"))
    }

    @Test("Dead sequences are replaced on clean slices, also after an interruption")
    func replenishing() async throws {
        try await tiny.trainShards(in: registry)
        await expect(.alreadyExists) { _ = try await replenish() }
        // Slice 0 begins one sequence of shard 0, slice 2 the other: only slice 1 is left.
        let dead = try tiny.rollBack(samples: [0], in: registry)
        #expect(dead.manifest.shards?.livingSequenceCounts == [1, 2])
        let engine = FakeEngine(stopsAtFirstCheckpoint: true)
        await expect(.interrupted) { _ = try await replenish(engine) }
        let version = try await replenish(engine)
        let state = try #require(version.manifest.shards)
        #expect(state.livingSequenceCounts == [2, 2] && state.alarms.isEmpty)
        #expect(state.stages.count == 14)
        #expect(state.stages.last { $0.record.place.shard == 0 }?.record.slices == [1, 2])
        #expect(version.manifest.requests == dead.manifest.requests)
        #expect(try tiny.check(registry).findings.isEmpty)
        try tiny.rollBack(samples: [4], in: registry)
        let certified = try await tiny.certifyShards(in: registry).certified
        #expect(certified?.manifest.shards?.contributingSliceCount == 4)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    private func replenish(_ engine: FakeEngine = FakeEngine()) async throws -> Version {
        try await registry.replenish(
            "sharded", place: TinyRegistry.place, engine: engine, keys: tiny.keys(),
            now: TinyRegistry.now, progress: { _ in })
    }

    @Test("Training that was interrupted goes on with the same plan")
    func resuming() async throws {
        let engine = FakeEngine(stopsAtFirstCheckpoint: true)
        await expect(.interrupted) { try await tiny.trainShards(engine: engine, in: registry) }
        let version = try await tiny.trainShards(engine: engine, in: registry)
        let secret = tiny.keysFolder.appending(path: "s3t")
        let plans = try FileManager.default.contentsOfDirectory(atPath: secret.path)
        #expect(plans == ["\(try #require(version.manifest.shards).plan.hex).json"])
        #expect(version.manifest.shards?.stages.count == 12)
    }

    @Test("A sharded line travels with every clean stage, and its secret does not")
    func travelling() async throws {
        try await tiny.trainShards(in: registry)
        try tiny.rollBack(samples: [4], in: registry)
        let clone = try tiny.cloned()
        #expect(try clone.check().findings.isEmpty)
        for url in files(below: clone.root) {
            let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
            #expect(!text.contains("lethe.s3t-private-plan"), "\(url.path)")
        }
    }
}

@Suite("Cheating with a sharded model")
struct ShardCheatTests {
    private let tiny: TinyRegistry
    private let registry: Registry

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.addDataset(in: registry)
        try await tiny.trainShards(in: registry)
        try tiny.rollBack(samples: [4], in: registry)
    }

    /// Writes a version after the newest one, signed as any other, with a changed state.
    private func cheat(_ change: (inout ShardState, ShardPlanRecord) -> Void) throws {
        let parent = try #require(try registry.tip(of: "sharded"))
        var state = try registry.shards(of: parent)
        let plan = try registry.plan(of: parent, state)
        change(&state, plan)
        let batch = registry.storage.objects.batch()
        let (base, texts) = try registry.base(of: parent, forgotten: [], in: batch)
        _ = try registry.write(
            ShardDraft(
                parent: parent, model: "sharded", operation: .finetune, base: base, texts: texts,
                plan: plan, state: state,
                deletions: parent.manifest.files.filter { $0.path.hasPrefix("deletions/") },
                requests: registry.requests(of: parent), summary: "Cheat"),
            objects: batch, keys: tiny.keys(), now: TinyRegistry.now)
    }

    private func expectFound() async throws {
        let findings = try tiny.check(registry).findings
        #expect(findings.contains { $0.code == "integrity" }, "\(findings)")
        await expectAny([.integrity, .refused]) { try await tiny.certifyShards(in: registry) }
    }

    private func expectAny(
        _ codes: [ErrorCode], _ body: () async throws -> Void
    ) async {
        let error = await #expect(throws: LetheError.self) { try await body() }
        #expect(error.map { codes.contains($0.code) } == true, "\(String(describing: error))")
    }

    @Test("A deleted slice that is not given up is found")
    func slice() async throws {
        try cheat { state, plan in
            state = ShardState(
                plan: plan, planDigest: state.plan, base: state.base, stages: state.stages,
                deletedSlices: [])
        }
        try await expectFound()
    }

    @Test("A stage that is said to have seen other slices than its file says is found")
    func relabelled() async throws {
        try cheat { state, plan in
            let stages = state.stages.map { stage in
                var stage = stage
                let record = stage.record
                if record.place == StagePlace(shard: 0, sequence: 0, stage: 3) {
                    stage.record = StageRecord(
                        file: record.file, base: record.base, plan: record.plan,
                        place: record.place, slices: [0, 1], parent: record.parent)
                }
                return stage
            }
            state = ShardState(
                plan: plan, planDigest: state.plan, base: state.base, stages: stages,
                deletedSlices: state.deletedSlices)
        }
        try await expectFound()
    }

    @Test("A revoked stage that is served again is found")
    func served() async throws {
        try cheat { state, _ in
            let place = StagePlace(shard: 0, sequence: 0, stage: 3)
            if let dirty = state.stages.first(where: { $0.record.place == place }) {
                state.served[0].file = dirty.record.file
            }
        }
        try await expectFound()
    }

    @Test("The files of two stages that were swapped are found")
    func swapped() async throws {
        try cheat { state, _ in
            let one = state.stages[0].file
            state.stages[0].file = state.stages[1].file
            state.stages[1].file = one
        }
        let findings = try tiny.check(registry).findings
        #expect(findings.contains { $0.code == "integrity" }, "\(findings)")
    }
}
