internal import Foundation
public import LetheRecords

/// The judge's port without tensors: a class is recognised if its entry in the classifier's first
/// column is positive, all its samples or none.
public struct FakeJudge: Judge {
    /// What happens before measuring; for tests that need another writer just then.
    public var beforeMeasuring: @Sendable () async throws(LetheError) -> Void

    /// Makes a judge.
    public init(
        beforeMeasuring: @escaping @Sendable () async throws(LetheError) -> Void = {
            () async throws(LetheError) in
        }
    ) {
        self.beforeMeasuring = beforeMeasuring
    }

    /// Measures the files in the task's folders and applies two gates of the policy.
    public func judge(
        _ task: JudgeTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> JudgeReport {
        try await beforeMeasuring()
        progress(Progress(phase: "measuring", done: 1, total: 1))
        let figures = try classFigures(task)
        let forgotten = task.requests.map { Self.figure(of: $0, figures) }
        let retained = Self.retained(figures.filter { $0.request == nil })
        let gates =
            forgotten.map { figure in
                GateResult(
                    gate: "forgotten-upper-bound", subject: figure.request,
                    value: figure.accuracyUpperBound,
                    atMost: figure.chance + task.policy.forgottenMarginAboveChance)
            } + [
                GateResult(
                    gate: "retained-drop", subject: "retained", value: retained.drop,
                    atMost: task.policy.retainedDropMaximum)
            ]
        return JudgeReport(
            weights: try Self.digest(of: task.modelFolder), original: task.original,
            dataset: task.datasetReference, split: task.split,
            policy: PolicyReference(name: task.policy.name, digest: try task.policy.digest()),
            sequenceNumber: task.sequenceNumber, errorProbability: task.policy.errorBudget / 2,
            forgotten: forgotten, retained: retained, classes: figures, hMean: 0.5, gates: gates,
            environment: TinyModel.environment(task.place))
    }

    private func classFigures(_ task: JudgeTask) throws(LetheError) -> [ClassFigure] {
        guard
            let split = try TinyDataset.splits(in: task.dataset.url)
                .first(where: { $0.name == task.split })
        else {
            throw LetheError(code: .notFound, message: "There is no split \(task.split).")
        }
        let name = TinyModel.weightsName
        let now = try TinyWeights(reading: task.modelFolder.appending(path: name))
        let then =
            if let kept = task.yardstick { kept } else {
                try Self.answers(of: task.originalFolder, on: split.classes)
            }
        let starts = split.classes.indices.map { label in
            split.classes[..<label].reduce(0) { $0 + $1.count }
        }
        return split.classes.enumerated().map { label, samples in
            let answers = then[starts[label]..<starts[label] + samples.count]
            return ClassFigure(
                label: label, sampleCount: samples.count,
                correctCount: now.recognises(label) ? samples.count : 0,
                originalCorrectCount: answers.filter { $0 }.count,
                request: task.requests.first { $0.classes.contains(label) }?.id)
        }
    }

    private static func answers(
        of folder: URL, on classes: [[URL]]
    ) throws(LetheError) -> [Bool] {
        let weights = try TinyWeights(reading: folder.appending(path: TinyModel.weightsName))
        return classes.enumerated().flatMap { label, samples in
            samples.map { _ in weights.recognises(label) }
        }
    }

    private static func figure(
        of request: ForgetRequest, _ classes: [ClassFigure]
    ) -> ForgottenFigure {
        let own = classes.filter { $0.request == request.id }
        let total = own.reduce(0) { $0 + $1.sampleCount }
        let correct = own.reduce(0) { $0 + $1.correctCount }
        let accuracy = Double(correct) / Double(max(total, 1))
        return ForgottenFigure(
            request: request.id, classes: request.classes, sampleCount: total,
            correctCount: correct, accuracy: accuracy, accuracyUpperBound: accuracy,
            originalAccuracy: 1, chance: 1 / Double(classes.count))
    }

    private static func retained(_ classes: [ClassFigure]) -> RetainedFigure {
        let total = classes.reduce(0) { $0 + $1.sampleCount }
        let now = classes.reduce(0) { $0 + $1.correctCount }
        let then = classes.reduce(0) { $0 + $1.originalCorrectCount }
        let drop = Double(then - now) / Double(max(total, 1))
        return RetainedFigure(
            sampleCount: total, correctCount: now, originalCorrectCount: then,
            lostCount: max(then - now, 0), gainedCount: max(now - then, 0),
            accuracy: Double(now) / Double(max(total, 1)),
            originalAccuracy: Double(then) / Double(max(total, 1)), drop: drop,
            dropUpperBound: drop, worstClass: nil, worstClassDrop: 0)
    }

    private static func digest(of folder: URL) throws(LetheError) -> Digest {
        let ensemble = folder.appending(path: EnsembleRecord.fileName)
        let isEnsemble = FileManager.default.fileExists(atPath: ensemble.path)
        let weights = folder.appending(path: TinyModel.weightsName)
        return Digest(hashing: try TinyFiles.read(isEnsemble ? ensemble : weights))
    }
}

extension FakeJudge: YardstickJudge {
    /// Answers every sample of the split, class by class.
    public func answers(
        _ task: YardstickTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> YardstickAnswers {
        guard
            let split = try TinyDataset.splits(in: task.dataset.url)
                .first(where: { $0.name == task.split })
        else {
            throw LetheError(code: .notFound, message: "There is no split \(task.split).")
        }
        return YardstickAnswers(
            answers: try Self.answers(of: task.folder, on: split.classes),
            environment: TinyModel.environment(task.place))
    }
}
