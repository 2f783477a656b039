import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import Logging
import TestSupport
import Testing

@testable import LetheForgetting

/// The tiny problem in two shards of three slices, two sequences each, trained once for all tests.
///
/// The base is random: it has seen nothing.
struct TrainedShards: Sendable {
    let folder: TemporaryFolder
    let modelFolder: URL
    let dataset: DatasetLocation
    let system: ShardedSystem
    var stageFolder: URL { folder.url.appending(path: "stages") }

    static let shared = Task { try await TrainedShards() }

    private init() async throws {
        let problem = try TinyProblem()
        folder = problem.folder
        modelFolder = problem.model
        dataset = problem.dataset
        try ClassifierLoading.create(folder: problem.model, generator: Generator(seed: 3))
            .save(weightsTo: problem.model.appending(path: "model.safetensors"))
        let samples = try #require(ImageDataset.open(problem.dataset.url).splits["train"])
        let plan = try ShardPlan(
            dataset: Digest(hashing: [1]), samples: samples.map { SamplePosition($0) },
            shardCount: 2, sliceCount: 3, budget: 2, secretSeed: 11)
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "stages"), withIntermediateDirectories: true)
        var system = try ShardedSystem(
            plan: plan,
            base: FileDigest.of(problem.model.appending(path: "model.safetensors")))
        for stage in system.pendingStages {
            let task = Self.task(
                stage, system, modelFolder, dataset, folder.url.appending(path: "stages"))
            try system.add(await ForgettingEngine().trainStage(task) { _ in })
        }
        self.system = system
    }

    static func task(
        _ stage: StagePlace, _ system: ShardedSystem, _ model: URL, _ dataset: DatasetLocation,
        _ stageFolder: URL
    ) -> StageTask {
        StageTask(
            modelFolder: model, dataset: dataset, system: system, stage: stage,
            recipe: Recipe(
                name: "tiny", method: "s3t", description: "",
                parameters: [
                    "rank": 4, "alpha": 4, "epochCount": 8, "batchSize": 20, "flips": false,
                    "learningRate": 0.01,
                ]),
            seed: 5, place: RunPlace(threads: 1),
            checkpointFolder: stageFolder.appending(path: "checkpoints"),
            stageFolder: stageFolder)
    }

    /// The system as it was before a stage of it was trained, and a folder with what there was.
    func before(_ stage: StagePlace, in folder: TemporaryFolder) throws -> StageTask {
        var system = try ShardedSystem(plan: self.system.plan, base: self.system.base)
        for record in self.system.stages where record.place.stage < stage.stage {
            try system.add(record)
            let name = record.place.fileName
            try FileManager.default.copyItem(
                at: stageFolder.appending(path: name), to: folder.url.appending(path: name))
        }
        return Self.task(stage, system, modelFolder, dataset, folder.url)
    }

    /// Mean scores over the test split.
    func logits(_ system: ShardedSystem) throws -> (logits: Tensor, labels: [Int]) {
        let dataset = try ImageDataset.open(dataset.url)
        let reader = SampleReader(
            dataset: dataset, preprocessor: try ImagePreprocessor(folder: modelFolder))
        let pool = try PreparedImages(
            #require(dataset.splits["test"]), reader: reader, device: .cpu,
            cancellation: CancellationFlag()
        ) { _ in }
        let ensemble = try ShardEnsemble(
            system, modelFolder: modelFolder, stageFolder: stageFolder)
        let logits = try pool.map(batchSize: 100, cancellation: CancellationFlag()) {
            images throws(LetheError) in try ensemble.logits(images)
        }
        return (logits, pool.labels)
    }

    /// The share of the test split that the ensemble names rightly.
    func accuracy(_ system: ShardedSystem) throws -> Double {
        let (logits, labels) = try logits(system)
        return try ForgetMeter.accuracy(logits, labels)
    }
}

@Suite("S3T: training stages, and answering without training")
struct ShardTrainingTests {
    @Test("The ensemble learns, and after deletions it still answers from older files")
    func answers() async throws {
        let shards = try await TrainedShards.shared.value
        var system = shards.system
        let whole = try shards.accuracy(system)
        print("the accuracy of the whole ensemble is \(whole)")
        #expect(whole > 0.6)
        // The orders are 012 and 201; slice 2 leaves 01 of the first.
        let outcome = try system.delete(system.plan.shards[0].slices[2][0])
        #expect(outcome.served[0]?.slices == [0, 1])
        let cut = try shards.accuracy(system)
        print("the accuracy with a shard cut to two slices is \(cut)")
        #expect(cut > 0.5)
        for slice in [0, 1] { _ = try system.delete(system.plan.shards[0].slices[slice][0]) }
        #expect(system.served(by: 0) == nil)
        #expect(try shards.accuracy(system) > 0.4)
        for slice in [0, 1, 2] { _ = try system.delete(system.plan.shards[1].slices[slice][0]) }
        let error = #expect(throws: LetheError.self) { try shards.accuracy(system) }
        #expect(error?.code == .notFound && error?.remedy?.contains("anew") == true)
    }

    @Test("Rolled back, a shard answers to the bit as it did before the dirty stages were trained")
    func rollBack() async throws {
        let shards = try await TrainedShards.shared.value
        var earlier = try ShardedSystem(plan: shards.system.plan, base: shards.system.base)
        for record in shards.system.stages where record.place.stage <= 2 {
            try earlier.add(record)
        }
        let before = try shards.logits(earlier).logits
        var system = shards.system
        for shard in 0..<2 { _ = try system.delete(system.plan.shards[shard].slices[2][0]) }
        #expect(try shards.logits(system).logits.isEqual(to: before))
        for shard in 0..<2 {
            let served = try #require(system.served(by: shard))
            let url = shards.stageFolder.appending(path: served.place.fileName)
            #expect(try StageRecord(reading: url) == served)
        }
    }

    @Test(
        "A later stage leaves the updates of earlier groups alone, bit for bit, and moves the head")
    func isolation() async throws {
        let shards = try await TrainedShards.shared.value
        func file(_ stage: Int) throws -> SafetensorsFile {
            let place = StagePlace(shard: 1, sequence: 1, stage: stage)
            return try Safetensors.open(shards.stageFolder.appending(path: place.fileName))
        }
        let files = try (1...3).map(file)
        #expect(files.map(\.names.count) == [6, 10, 14])
        for (earlier, later) in zip(files, files.dropFirst()) {
            for name in earlier.names {
                let isSame = try earlier.bytes(named: name) == later.bytes(named: name)
                #expect(isSame == name.contains("lora_"), "\(name)")
            }
        }
        for (stage, file) in files.enumerated() {
            let newest = file.names.filter { $0.contains(".layer.\(2 - stage).") }
            #expect(newest.count == 4)
            #expect(newest.allSatisfy { $0.contains("query") || $0.contains("value") })
            for name in newest where name.contains("lora_B") {
                #expect(try file.tensor(named: name).norm().scalar() > 0, "\(name) never moved")
            }
        }
    }

    @Test("A stage that was interrupted and resumed has the bytes of the uninterrupted one")
    func resuming() async throws {
        let shards = try await TrainedShards.shared.value
        let stage = StagePlace(shard: 1, sequence: 0, stage: 2)
        let folder = try TemporaryFolder()
        let task = try shards.before(stage, in: folder)
        let flag = CancellationFlag()
        func run(_ progress: @escaping ProgressHandler, _ flag: CancellationFlag) throws
            -> StageRecord
        {
            try StageRun(
                task: task.resolved(), progress: progress, cancellation: flag,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ).run().record
        }
        let error = #expect(throws: LetheError.self) {
            try run({ if $0.phase == "training", $0.done == 9 { flag.set() } }, flag)
        }
        #expect(error?.code == .interrupted)
        let url = folder.url.appending(path: stage.fileName)
        #expect(!FileManager.default.fileExists(atPath: url.path))
        #expect(try run({ _ in }, CancellationFlag()) == shards.system.record(of: stage))
        let again = #expect(throws: LetheError.self) { try run({ _ in }, CancellationFlag()) }
        #expect(again?.code == .alreadyExists)
    }

    @Test("The files prove themselves, and a changed one is neither served nor believed")
    func proofs() async throws {
        let shards = try await TrainedShards.shared.value
        let system = shards.system
        let proof = try system.proof(for: 0)
        let folder = try TemporaryFolder()
        var files: [StageRecord] = []
        for stage in proof.stages {
            let copy = folder.url.appending(path: stage.place.fileName)
            try FileManager.default.copyItem(
                at: shards.stageFolder.appending(path: stage.place.fileName), to: copy)
            files.append(try StageRecord(reading: copy))
        }
        try proof.verify(plan: system.plan, base: system.base, deletedSlices: [], files: files)
        let victim = folder.url.appending(path: proof.stages[1].place.fileName)
        var bytes = try Data(contentsOf: victim)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: victim)
        files[1] = try StageRecord(reading: victim)
        #expect(throws: LetheError.self) {
            try proof.verify(plan: system.plan, base: system.base, deletedSlices: [], files: files)
        }
        let model = try StageModel(folder: shards.modelFolder, sliceCount: 3, device: .cpu)
        let error = #expect(throws: LetheError.self) {
            try StageFiles.parts(
                of: proof.stages[1],
                at: folder.url.appending(path: proof.stages[1].place.fileName), for: model)
        }
        #expect(error?.code == .integrity)
    }

    @Test("Without a recipe's word the numbers are the published ones, and the rate falls to zero")
    func defaults() throws {
        let recipe = Recipe(name: "s3t", method: "s3t", description: "", parameters: [:])
        let parameters = try S3TParameters(recipe)
        #expect(parameters.rank == 16 && parameters.scale == 4)
        let loop = parameters.loop(sampleCount: 1000)
        #expect(loop.stepCount == 15 * 8 && loop.selection == .last)
        let rates = [0, 60, 119].map { loop.schedule.rate(step: $0) }
        #expect(zip(rates, [2e-4, 1e-4, 2e-4 / 120]).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test("A deleted slice, another base, test samples and a joint qkv are refused")
    func refusals() async throws {
        let shards = try await TrainedShards.shared.value
        let stage = StagePlace(shard: 0, sequence: 0, stage: 3)
        let folder = try TemporaryFolder()
        var task = try shards.before(stage, in: folder)
        _ = try task.system.delete(task.system.plan.shards[0].slices[2][0])
        let engine = ForgettingEngine()
        let dirty = await #expect(throws: LetheError.self) {
            try await engine.trainStage(task) { _ in }
        }
        #expect(dirty?.code == .refused)
        let stranger = try ShardedSystem(plan: task.system.plan, base: Digest(hashing: [3]))
        let first = TrainedShards.task(
            StagePlace(shard: 0, sequence: 0, stage: 1), stranger, shards.modelFolder,
            shards.dataset, folder.url.appending(path: "other"))
        let foreign = await #expect(throws: LetheError.self) {
            try await engine.trainStage(first) { _ in }
        }
        #expect(foreign?.code == .integrity)
        let tested = try ShardedSystem(
            plan: ShardPlan(
                dataset: Digest(hashing: [1]),
                slices: [[[SamplePosition(split: "test", index: 0)]]], budget: 1, secretSeed: 1),
            base: task.system.base)
        let peeking = await #expect(throws: LetheError.self) {
            try await engine.trainStage(
                TrainedShards.task(
                    StagePlace(shard: 0, sequence: 0, stage: 1), tested, shards.modelFolder,
                    shards.dataset, folder.url.appending(path: "other"))
            ) { _ in }
        }
        #expect(peeking?.code == .refused && peeking?.message.contains("test") == true)
        let joint = #expect(throws: LetheError.self) {
            try StageModel(
                folder: Self.models.appending(path: "timm-vit"), sliceCount: 1, device: .cpu)
        }
        #expect(joint?.code == .unsupported && joint?.message.contains("qkv") == true)
    }

    private static let models = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/vision/models")
}
