internal import Foundation
internal import LetheRecords
internal import LetheStorage

extension Registry {
    /// Trains once more, from the folder that somebody kept: the registry has what came of it only.
    func repeatTraining(
        of version: Version, after parent: Version?, by order: ReplayOrder, engine: any Engine,
        keys: KeyFolder, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> ReplayReport {
        let run = try run(of: version)
        guard version.manifest.shards == nil else {
            throw LetheError(
                code: .unsupported,
                message: "\(version.name) has a stage for each slice; their training is not "
                    + "repeated.",
                remedy: "Train it under another name, and compare the stages of the two.")
        }
        guard let folder = order.folder else {
            throw LetheError(
                code: .invalidArgument,
                message: "The registry does not have what the training of \(version.name) began "
                    + "with.",
                remedy: "Name that folder with --from, and with --exclude-class what was left out.")
        }
        let dataset = try unchanged(run.dataset, since: version)
        let work = try workFolder()
        let source = try Self.copyModelFiles(of: folder, to: work.folder("model"))
        let training = TrainOrder(
            model: version.manifest.model, folder: folder, dataset: run.dataset.name,
            excludedClasses: order.excludedClasses, recipe: try recipe(of: run), seed: run.seed,
            place: RunPlace(device: run.environment.device, threads: run.environment.threads))
        let task = try trainTask(
            training, on: dataset, after: parent, in: source,
            checkpoints: work.folder("checkpoints"), keys: keys)
        let outcome = try await engine.train(task, progress: progress)
        return ReplayReport(
            version: version, compared: .weights, recorded: try version.weights().digest,
            repeated: try CertificateFiles.digest(of: task.weightsFile),
            differences: Self.differences(run.environment, outcome.environment))
    }
}
