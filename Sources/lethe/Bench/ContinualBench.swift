internal import Foundation
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry
internal import LetheTensor
internal import LetheVerification
internal import LetheVision

/// A registry in a temporary folder with one model and one dataset, for a sequence of requests.
final class ContinualBench: Sendable {
    private let folder: URL
    private let registry: Registry
    private let keys: KeyFolder
    private let recipe: Recipe
    private let policy: Policy
    private let seed: Int
    private let place: RunPlace
    private let progress: ProgressHandler
    private let classCount: Int
    private let dataset: DatasetLocation
    private let withheld: [Int]
    private let order: [Int]
    private let original: URL

    init(
        model: URL, dataset: URL, overlay: URL?, configuration: URL?, recipe: String,
        policy: String, seed: Int, among: [Int], withheld: Int, place: RunPlace,
        progress: @escaping ProgressHandler
    ) async throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "lethe-bench-\(UUID().uuidString)")
        let files = folder.appending(path: "model")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        try Self.copy(model, overlay: overlay, configuration: configuration ?? model, to: files)
        keys = try KeyFolder.create(at: folder.appending(path: "keys"))
        let now = Timestamp(Date())
        registry = try Registry.create(
            at: folder.appending(path: "registry"), defaults: DefaultsFolder.find(nil),
            policy: "default", keys: keys, now: now)
        self.recipe = try registry.recipe(named: recipe)
        self.policy = try registry.policy(named: policy)
        self.seed = seed
        self.place = place
        self.progress = progress
        original = files
        let engine = ForgettingEngine()
        classCount = try await engine.inspect(modelFolder: files).classCount
        _ = try await registry.publish(
            files, as: "bench", engine: engine, keys: keys, now: now, progress: progress)
        order = Self.classOrder(classCount, first: among, seed: seed)
        var samples = dataset
        if withheld > 0 {
            samples = folder.appending(path: "dataset")
            try WithheldDataset.make(
                from: dataset, without: Set(order.suffix(withheld)), at: samples)
        }
        let training = try Set((ImageDataset.open(samples).splits["train"] ?? []).map(\.label))
        self.withheld = (0..<classCount).filter { !training.contains($0) }
        // The whole of it: a new head may see what forgetting could not.
        self.dataset = DatasetLocation(url: dataset)
        _ = try await registry.addDataset(
            named: "bench", at: DatasetLocation(url: samples), engine: engine, keys: keys,
            now: now, progress: progress)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The labels in the order of their requests; there are no requests for the last ones.
    var classOrder: [Int] { order }

    /// An order that only the seed decides (Fisher and Yates over SplitMix64), with some labels
    /// before all others.
    private static func classOrder(_ classCount: Int, first: [Int], seed: Int) -> [Int] {
        var generator = SplitMix64(seed: UInt64(seed))
        let shuffled = Array(0..<classCount).shuffled(using: &generator)
        return shuffled.filter(first.contains) + shuffled.filter { !first.contains($0) }
    }

    /// What a new head, fitted to the features, still tells of all that was forgotten: on the test
    /// split, after the last request and before the first.
    func headRefit(_ forgotten: [Int], samplesPerClass: Int) throws -> String {
        let pulled = folder.appending(path: "pulled")
        _ = try registry.pull(
            Revision("bench@latest"), to: pulled, allowingUncertified: true, progress: progress)
        let results = try [original, pulled].map { model in
            try HeadRefit.measure(
                modelFolder: model, dataset: dataset, forgotten: forgotten,
                samplesPerClass: samplesPerClass, split: "test", place: place, progress: progress)
        }
        return "a new head from \(samplesPerClass) samples a class names "
            + "\(Numbers.percent(results[1].forgottenAccuracy)) of the forgotten test samples "
            + "(\(Numbers.percent(results[0].forgottenAccuracy)) on the original's features) and "
            + "\(Numbers.percent(results[1].retainedAccuracy)) of the retained "
            + "(\(Numbers.percent(results[0].retainedAccuracy)))"
    }

    /// Honours one request and judges the result.
    func request(_ labels: [Int]) async throws -> ContinualRow {
        let began = Date()
        let version = try await registry.forget(
            ForgetOrder(
                model: "bench", classes: labels, dataset: "bench", recipe: recipe, seed: seed,
                place: place),
            engine: ForgettingEngine(), keys: keys, now: Timestamp(Date()), progress: progress)
        let forgotten = Date()
        let outcome = try await registry.certify(
            JudgeOrder(
                revision: Revision("bench"), dataset: nil, policy: policy, place: place),
            judge: VerificationJudge(), keys: keys, now: Timestamp(Date()), progress: progress)
        return ContinualRow(
            withheld: withheld, report: outcome.report,
            run: version.manifest.run,
            seconds: forgotten.timeIntervalSince(began),
            judgeSeconds: Date().timeIntervalSince(forgotten), passed: outcome.certified != nil)
    }

    private static func copy(
        _ model: URL, overlay: URL?, configuration: URL, to target: URL
    ) throws {
        for name in ["config.json", "preprocessor_config.json"] {
            try FileManager.default.copyItem(
                at: configuration.appending(path: name), to: target.appending(path: name))
        }
        let weights = target.appending(path: "model.safetensors")
        let source = model.appending(path: "model.safetensors")
        guard let overlay else {
            return try FileManager.default.copyItem(at: source, to: weights)
        }
        let base = try Safetensors.open(source)
        let top = try Safetensors.open(overlay)
        let names = Set(base.names).union(top.names).sorted()
        let tensors = try names.map { name in
            (name, try (top.names.contains(name) ? top : base).tensor(named: name))
        }
        try Safetensors.write(tensors, metadata: ["format": "pt"], to: weights)
    }
}
