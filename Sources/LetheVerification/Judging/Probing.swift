import Foundation
import LetheRecords
import LetheReports
import LetheTensor
import LetheVision

/// The probes of one judgement, one model after the other.
struct Probing {
    /// SHA-256 of the reference's weights; nil without one.
    let reference: Digest?
    private let task: JudgeTask
    private let test: TestSplit
    private let device: Device
    private let batchSize: Int
    private let run: ProbeRun
    private let progress: ProgressHandler
    private let check: () throws(LetheError) -> Void

    /// Looks what is to be done; nil if the policy asks for no probe.
    ///
    /// - Throws: `refused` for a reference that is one of the two models.
    init?(
        task: JudgeTask, test: TestSplit, device: Device, batchSize: Int,
        progress: @escaping ProgressHandler, check: @escaping () throws(LetheError) -> Void
    ) throws(LetheError) {
        guard let plan = task.policy.probes else { return nil }
        self.task = task
        self.test = test
        self.device = device
        self.batchSize = batchSize
        self.progress = progress
        self.check = check
        run = ProbeRun(
            plan: plan,
            samples: ProbeSamples(test, requests: task.requests, seed: plan.seed))
        guard let folder = task.referenceFolder else {
            reference = nil
            return
        }
        let digest = try WeightsFile.digest(of: folder.appending(path: "model.safetensors"))
        guard digest != task.weights, digest != task.original else {
            throw Self.refusal("it is the judged model or the line's first version")
        }
        reference = digest
    }

    /// Every figure, as counted.
    ///
    /// - Throws: `refused` for a reference that knows the forgotten classes, `interrupted`, and
    ///   what loading a model or training it throws.
    func figures() throws(LetheError) -> [ProbeFigure] {
        let total = reference == nil ? 2 : 3
        func report(_ done: Int) {
            progress(Progress(phase: "probing", done: done, total: total))
        }
        report(0)
        let original = try model(task.originalFolder)
        let run = try run.knowingNeighbours(original)
        let ceiling = try run.answers(original, isOriginal: true)
        report(1)
        let judgedModel = try model(task.modelFolder)
        var judged = try run.answers(judgedModel)
        try run.numbers(judgedModel, from: original, to: &judged)
        report(2)
        let answers = try referenceAnswers(run, original)
        if answers != nil { report(3) }
        return ProbeFigures.counted(
            judged: judged, original: ceiling, reference: answers, requests: task.requests,
            plan: run.plan)
    }

    private func referenceAnswers(
        _ run: ProbeRun, _ original: ProbedModel
    ) throws(LetheError) -> ProbeAnswers? {
        guard let folder = task.referenceFolder else { return nil }
        let model = try model(folder)
        try requireIgnorance(of: model)
        var answers = try run.answers(model)
        try run.numbers(model, from: original, to: &answers)
        return answers
    }

    /// A reference that names the forgotten classes better than chance was trained on them.
    private func requireIgnorance(of model: ProbedModel) throws(LetheError) {
        let images = run.samples.requests.flatMap { run.samples.test(of: $0) }
        let hits = try model.hits(images).count { $0 }
        let largest = BinomialStatistics.largestCountConsistent(
            withChance: BinomialStatistics.chance(classCount: test.dataset.classCount),
            trials: images.count, level: task.policy.errorBudget)
        guard hits <= largest else {
            throw Self.refusal(
                "it names \(hits) of \(images.count) test images of the forgotten classes")
        }
    }

    private func model(_ folder: URL) throws(LetheError) -> ProbedModel {
        let model = try ProbedModel(
            folder, dataset: test.dataset, device: device, batchSize: batchSize, check: check)
        try test.requireFit(model.model, in: folder)
        return model
    }

    private static func refusal(_ reason: String) -> LetheError {
        LetheError(
            code: .refused, message: "This is no reference: \(reason).",
            remedy: "Give a model that was never trained on the forgotten classes.")
    }
}
