import Foundation
public import LetheRecords
internal import LetheReports
import LetheTensor
import LetheVision

/// The judge: measures a shipped model and the line's first version on every sample of a test
/// split, with ordinary top-1, and applies a policy.
///
/// Nothing is taken over from earlier judgements. The first version is measured again each time,
/// because a stored result would be the operator's word and the operator is who is judged. Only
/// where its weights are erased do the answers count that a verifier signed before.
public struct VerificationJudge: Judge {
    private let batchSize: Int

    /// A judge.
    ///
    /// - Parameter batchSize: Images that the models see at once; changes time and memory only.
    public init(batchSize: Int = 32) {
        self.batchSize = batchSize
    }

    /// Measures the shipped file and applies the policy; a failed gate is a result, not an error.
    ///
    /// Runs on a thread of its own, which uses `task.place.threads`. Progress counts the samples of
    /// both models together.
    ///
    /// - Throws: `labelMismatch` if the dataset, the two heads and the requests do not fit each
    ///   other, `notFound` naming the splits that there are, `malformed` naming and counting the
    ///   images that do not decode, `integrity` if a weights file is not the one to judge,
    ///   `interrupted` after cancellation, and what loading a model or a dataset throws.
    public func judge(
        _ task: JudgeTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> JudgeReport {
        let batchSize = batchSize
        return try await OwnThread.run(name: "lethe.judge") { cancellation throws(LetheError) in
            try Judgement(
                task: task, batchSize: batchSize, progress: progress, cancellation: cancellation
            ).report()
        }
    }
}

/// One run of the judge, on its thread.
private struct Judgement {
    let task: JudgeTask
    let batchSize: Int
    let progress: ProgressHandler
    let cancellation: OwnThread.Cancellation

    func report() throws(LetheError) -> JudgeReport {
        try cancellation.check()
        var builder = ReportBuilder(task)
        try Threads.set(task.place.threads)
        let device = try Device(parsing: task.place.device)
        let test = try TestSplit(task)
        try builder.requireSense(classCount: test.dataset.classCount)
        try TestOverlap.require(test, policy: task.policy) { () throws(LetheError) in
            try cancellation.check()
        }
        let named = try NamedSamples(task, in: test.dataset) { () throws(LetheError) in
            try cancellation.check()
        }
        let samples = test.samples + named.all
        let cache = try sharedCache()
        try requireOriginal(for: named)
        let original = try originalPredictions(on: test, samples, device: device, cache: cache)
        let judged = try measure(
            task.modelFolder, weights: task.weights, on: test, samples, device: device,
            order: 1, cache: cache)
        let count = test.samples.count
        let paired = try PairedPredictions(
            labels: Array(judged.labels.prefix(count)),
            predictions: Array(judged.predictions.prefix(count)),
            originalPredictions: Array(original.prefix(count)),
            classCount: test.dataset.classCount)
        let probing = try Probing(
            task: task, test: test, device: device, batchSize: batchSize, progress: progress
        ) { () throws(LetheError) in try cancellation.check() }
        builder.reference = probing?.reference
        return try builder.report(
            paired,
            samples: named.counts(
                judged: judged.predictions, original: original, after: count),
            probes: probing?.figures(), environment: environment(device))
    }

    /// The first version's answers, or those that a verifier kept of it.
    private func originalPredictions(
        on test: TestSplit, _ samples: [Sample], device: Device, cache: ImageCache?
    ) throws(LetheError) -> [Int] {
        if let answers = task.yardstick { return try test.predictions(standingFor: answers) }
        return try measure(
            task.originalFolder, weights: task.original, on: test, samples, device: device,
            order: 0, cache: cache
        ).predictions
    }

    /// What was kept of the first version answers for the test split and for nothing else.
    private func requireOriginal(for named: NamedSamples) throws(LetheError) {
        guard task.yardstick != nil else { return }
        guard named.all.isEmpty, task.policy.probes == nil else {
            throw LetheError(
                code: .refused,
                message: "The weights of the line's first version are erased; what was kept of it "
                    + "answers for test images only, not for probes and requests by samples.",
                remedy: "Judge by a policy without probes.")
        }
    }

    /// Keeps decoded images for the second model, if both prepare them alike.
    private func sharedCache() throws(LetheError) -> ImageCache? {
        if task.yardstick != nil { return nil }
        let original = try ImagePreprocessor(folder: task.originalFolder).configuration
        let judged = try ImagePreprocessor(folder: task.modelFolder).configuration
        return original == judged ? ImageCache(maximumSizeBytes: 1 << 30) : nil
    }

    private func measure(
        _ folder: URL, weights: Digest, on test: TestSplit, _ samples: [Sample], device: Device,
        order: Int, cache: ImageCache?
    ) throws(LetheError) -> EvaluationResult {
        try WeightsFile.require(weights, in: folder)
        let model = try ClassifierLoading.load(folder: folder, device: device)
        try test.requireFit(model, in: folder)
        return try evaluate(
            model, dataset: test.dataset, samples: samples,
            preprocessor: ImagePreprocessor(folder: folder), batchSize: batchSize, cache: cache
        ) { done, total throws(LetheError) in
            try cancellation.check()
            progress(Progress(phase: "judging", done: order * total + done, total: 2 * total))
        }
    }

    private func environment(_ device: Device) -> RunEnvironment {
        RunEnvironment(
            lethe: letheVersion, libTorch: LibTorch.loadedVersion, device: device.description,
            threads: Threads.count)
    }
}
