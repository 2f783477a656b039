public import LetheRecords
import LetheTensor
import LetheVision

extension VerificationJudge: YardstickJudge {
    /// Answers every sample of the split with a line's first version.
    ///
    /// - Throws: as `judge`.
    public func answers(
        _ task: YardstickTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> YardstickAnswers {
        try await OwnThread.run(name: "lethe.judge") { cancellation throws(LetheError) in
            try cancellation.check()
            try Threads.set(task.place.threads)
            let device = try Device(parsing: task.place.device)
            let test = try TestSplit(
                location: task.dataset, named: task.datasetReference.name, split: task.split)
            try WeightsFile.require(task.weights, in: task.folder)
            let model = try ClassifierLoading.load(folder: task.folder, device: device)
            try test.requireFit(model, in: task.folder)
            let result = try evaluate(
                model, dataset: test.dataset, samples: test.samples,
                preprocessor: ImagePreprocessor(folder: task.folder)
            ) { done, total throws(LetheError) in
                try cancellation.check()
                progress(Progress(phase: "measuring", done: done, total: total))
            }
            return YardstickAnswers(
                answers: zip(result.labels, result.predictions).map { $0 == $1 },
                environment: RunEnvironment(
                    lethe: letheVersion, libTorch: LibTorch.loadedVersion,
                    device: device.description, threads: Threads.count))
        }
    }
}

extension TestSplit {
    /// Predictions that are right and wrong where the kept answers are.
    ///
    /// Which wrong class was answered is not kept, and no figure depends on it.
    ///
    /// - Throws: `invalidArgument` if there is not one answer for each sample.
    func predictions(standingFor answers: [Bool]) throws(LetheError) -> [Int] {
        guard answers.count == samples.count else {
            throw LetheError(
                code: .invalidArgument,
                message: "The split has \(samples.count) samples, but \(answers.count) answers of "
                    + "the line's first version were kept.",
                remedy: "Judge by the data that the answers were measured on.")
        }
        let classCount = max(dataset.classCount, 1)
        return zip(samples, answers).map { sample, isRight in
            isRight ? sample.label : (sample.label + 1) % classCount
        }
    }
}
