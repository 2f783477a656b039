internal import Foundation
internal import LetheRecords
internal import LetheStorage

extension Registry {
    /// Forgets once more, on the parent.
    func repeatForgetting(
        of version: Version, after parent: Version, engine: any Engine, keys: KeyFolder,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> ReplayReport {
        let run = try run(of: version)
        let work = try workFolder()
        let task = try replayTask(
            of: version, run, after: parent, in: work, keys: keys, progress: progress)
        let outcome = try await engine.forget(task, progress: progress)
        let isDelta = outcome.product == .delta
        let recorded = isDelta ? version.manifest.delta?.file.digest : try version.weights().digest
        guard let recorded else {
            throw LetheError(
                code: .integrity, message: "\(version.name) names no delta, and the run made one.",
                remedy: "Run lethe fsck.")
        }
        let made = isDelta ? task.deltaFile : task.weightsFile
        return ReplayReport(
            version: version, compared: isDelta ? .delta : .weights, recorded: recorded,
            repeated: try CertificateFiles.digest(of: made),
            differences: Self.differences(run.environment, outcome.environment))
    }

    /// The run that a version says made it.
    func run(of version: Version) throws(LetheError) -> RunDescription {
        if let run = version.manifest.run { return run }
        throw LetheError(
            code: .integrity, message: "\(version.name) does not say which run made it.",
            remedy: "Run lethe fsck.")
    }

    private func replayTask(
        of version: Version, _ run: RunDescription, after parent: Version, in work: WorkFolder,
        keys: KeyFolder, progress: @escaping ProgressHandler
    ) throws(LetheError) -> ForgetTask {
        let dataset = try unchanged(run.dataset, since: version)
        let folder = try work.folder("model")
        try materialise(parent, into: folder, progress: progress)
        let earlier = try requests(of: parent)
        let new = Array(try requests(of: version).dropFirst(earlier.count))
        guard let first = new.first else {
            throw LetheError(
                code: .integrity, message: "\(version.name) honours no request of its own.",
                remedy: "Run lethe fsck.")
        }
        let wanted = try sampleLists(of: version, requests: new).values.flatMap(\.commitments)
        let made = try work.folder("made")
        return ForgetTask(
            modelFolder: folder, dataset: try location(of: run.dataset.name), request: first,
            earlierRequests: earlier, recipe: try recipe(of: run), seed: run.seed,
            place: RunPlace(device: run.environment.device, threads: run.environment.threads),
            checkpointFolder: made, deltaFile: made.appending(path: "delta.safetensors"),
            weightsFile: made.appending(path: VersionTree.weightsName),
            furtherRequests: Array(new.dropFirst()),
            commitments: try commitments(
                key: keys.commitmentKey, dataset: dataset.record, requested: wanted,
                lists: sampleLists(of: parent, requests: earlier)))
    }
}
