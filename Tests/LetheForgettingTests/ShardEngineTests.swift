import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("The port of sharded training, and the ensemble that the judge loads")
struct ShardEngineTests {
    private let key: CommitmentKey

    init() throws { key = try CommitmentKey(bytes: Array(0..<32)) }

    private func layout(_ parameters: [String: JSONValue]) async throws -> ShardLayout {
        let problem = try TinyProblem()
        let recipe = Recipe(
            name: "s3t", method: "s3t", description: "", parameters: .object(parameters))
        return try await ForgettingEngine().planShards(
            ShardPlanTask(
                dataset: problem.dataset, excludedClasses: [], recipe: recipe, key: key,
                secretSeed: 7), progress: { _ in })
    }

    @Test("Every training sample is dealt out once, under the commitment of the dataset's record")
    func dealing() async throws {
        let problem = try TinyProblem()
        let described = try await ForgettingEngine().describe(
            dataset: problem.dataset, key: key, progress: { _ in })
        let train = try #require(described.splits.first { $0.name == "train" })
        let layout = try await layout(["shardCount": 2, "sliceCount": 3, "sequenceCount": 2])
        let samples = layout.slices.joined().joined().sorted { $0.index < $1.index }
        #expect(samples.map(\.index) == Array(0..<train.commitments.joined().count))
        for (label, commitments) in train.commitments.enumerated() {
            #expect(samples.filter { $0.label == label }.map(\.commitment) == commitments)
        }
        #expect(layout.sequences == Array(repeating: [[0, 1, 2], [2, 0, 1]], count: 2))
    }

    @Test("Grouped by label, slices of a shard share at most their neighbours' classes")
    func grouping() async throws {
        let layout = try await layout(
            ["shardCount": 2, "sliceCount": 3, "sequenceCount": 2, "grouping": "label"])
        for shard in layout.slices {
            let ranges = shard.map { slice in
                (slice.map(\.label).min() ?? 0, slice.map(\.label).max() ?? 0)
            }
            #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.1 <= $1.0 }, "\(ranges)")
        }
    }

    @Test("An ensemble's folder answers as the engine's ensemble does, to the bit")
    func agreement() async throws {
        let shards = try await TrainedShards.shared.value
        let folder = try TemporaryFolder()
        for name in ["config.json", "preprocessor_config.json", "model.safetensors"] {
            try FileManager.default.copyItem(
                at: shards.modelFolder.appending(path: name),
                to: folder.url.appending(path: name))
        }
        var members: [EnsembleFile] = []
        for shard in shards.system.plan.shards.indices {
            let served = try #require(shards.system.served(by: shard))
            let path = EnsembleRecord.memberPath(ofShard: shard)
            let target = folder.url.appending(path: path)
            try FileManager.default.createDirectory(
                at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                at: shards.stageFolder.appending(path: served.place.fileName), to: target)
            members.append(EnsembleFile(path: path, digest: served.file))
        }
        let record = EnsembleRecord(
            base: EnsembleFile(path: "model.safetensors", digest: shards.system.base),
            members: members)
        let file = folder.url.appending(path: EnsembleRecord.fileName)
        try Data(record.canonicalBytes()).write(to: file)
        let ensemble = try ClassifierLoading.load(folder: folder.url)
        let dataset = try ImageDataset.open(shards.dataset.url)
        let pool = try PreparedImages(
            #require(dataset.splits["test"]),
            reader: SampleReader(
                dataset: dataset, preprocessor: ImagePreprocessor(folder: folder.url)),
            device: .cpu, cancellation: CancellationFlag()
        ) { _ in }
        let logits = try withoutGradient { () throws(LetheError) in
            try pool.map(batchSize: 100, cancellation: CancellationFlag()) {
                images throws(LetheError) in try ensemble.logits(images)
            }
        }
        #expect(try logits.isEqual(to: shards.logits(shards.system).logits))
        var other = record
        other.members[0].digest = record.members[1].digest
        try Data(other.canonicalBytes()).write(to: file)
        let error = #expect(throws: LetheError.self) {
            try ClassifierLoading.load(folder: folder.url)
        }
        #expect(error?.code == .integrity)
    }
}
