internal import Foundation
public import LetheRecords
internal import LetheStorage

/// What came of doing a version's operation once more.
public struct ReplayReport: Sendable {
    /// The version.
    public let version: Version
    /// What was compared: `delta` or `weights`.
    public let compared: String
    /// The digest that its manifest names.
    public let recorded: Digest
    /// The digest of what was made now.
    public let repeated: Digest
    /// In what the place of the run differs from that of the first one; results may depend on it.
    public let differences: [String]

    /// Whether the same bytes came out.
    public var isSame: Bool { recorded == repeated }
}

extension Registry {
    /// Repeats the operation that made a version from what its manifest says, and compares.
    ///
    /// A forget run is repeated on its parent with the same recipe, seed, samples, device and
    /// number of threads; nothing is written to the lineage. The recipe is the registry's file of
    /// that digest, or else what the manifest has of it.
    ///
    /// - Throws: `unsupported` for an operation that runs nothing, `refused` if the parent's bytes
    ///   are erased or the data is no longer the same, and what the engine throws.
    public func replay(
        _ revision: Revision, engine: any Engine, keys: KeyFolder,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> ReplayReport {
        let version = try resolve(revision)
        guard let run = version.manifest.run, version.manifest.operation == .forget,
            let commit = version.parent
        else {
            throw LetheError(
                code: .unsupported,
                message: "\(version.name) was made by \(version.manifest.operation.rawValue), and "
                    + "only a forget run is repeated.",
                remedy: "Name the version that the run made: lethe log \(version.manifest.model).")
        }
        let parent = try self.version(at: commit)
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
            version: version, compared: isDelta ? "delta" : "weights", recorded: recorded,
            repeated: try CertificateFiles.digest(of: made),
            differences: Self.differences(run.environment, outcome.environment))
    }

    private func replayTask(
        of version: Version, _ run: RunDescription, after parent: Version, in work: WorkFolder,
        keys: KeyFolder, progress: @escaping ProgressHandler
    ) throws(LetheError) -> ForgetTask {
        let dataset = try dataset(named: run.dataset.name)
        guard dataset.reference == run.dataset else {
            throw LetheError(
                code: .refused,
                message: "The dataset \"\(run.dataset.name)\" was registered again since "
                    + "\(version.name) was made, and is another one.",
                remedy: "Repeat it where the data is as it was.")
        }
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

    private func recipe(of run: RunDescription) throws(LetheError) -> Recipe {
        if let kept = try? recipe(named: run.recipe), try kept.digest() == run.recipeDigest {
            return kept
        }
        return Recipe(
            name: run.recipe, method: run.method, description: "From a manifest.",
            parameters: run.parameters)
    }

    private static func differences(_ one: RunEnvironment, _ other: RunEnvironment) -> [String] {
        let pairs = [
            ("Lethe", one.lethe, other.lethe), ("LibTorch", one.libTorch, other.libTorch),
            ("device", one.device, other.device),
            ("threads", "\(one.threads)", "\(other.threads)"),
        ]
        return pairs.filter { $0.1 != $0.2 }.map { "\($0.0) \($0.1) then, \($0.2) now" }
    }
}
