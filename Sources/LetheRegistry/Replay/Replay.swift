public import Foundation
public import LetheRecords
internal import LetheStorage

/// What to do once more, and what that needs beside what the registry has.
public struct ReplayOrder: Sendable {
    /// The version.
    public var revision: Revision
    /// The folder that training began with, for a version that was trained here.
    public var folder: URL?
    /// Labels that training left out, beside those of earlier requests.
    public var excludedClasses: [Int]
    /// The policy of a judgement, by name or as a file; nil for the registry's of that name.
    public var policy: String?
    /// The reference model of a judgement that had one.
    public var reference: ReferenceModel?

    /// Puts an order together.
    public init(
        _ revision: Revision, folder: URL? = nil, excludedClasses: [Int] = [],
        policy: String? = nil, reference: ReferenceModel? = nil
    ) {
        self.revision = revision
        self.folder = folder
        self.excludedClasses = excludedClasses
        self.policy = policy
        self.reference = reference
    }
}

/// What came of doing a version's operation once more.
public struct ReplayReport: Sendable {
    /// What was compared.
    public enum Subject: String, Sendable {
        /// The delta that forgetting made.
        case delta
        /// The weights that a run made.
        case weights
        /// What a sharded model serves.
        case ensemble
        /// The judge's report, without where it was measured.
        case report
    }

    /// The version.
    public let version: Version
    /// What was compared.
    public let compared: Subject
    /// The digest that its records name.
    public let recorded: Digest
    /// The digest of what was made now.
    public let repeated: Digest
    /// In what the place of the run differs from that of the first one; results may depend on it.
    public let differences: [String]

    /// Whether the same came out.
    public var isSame: Bool { recorded == repeated }
}

extension Registry {
    /// Repeats the operation that made a version from what its records say, and compares.
    ///
    /// Nothing is written to the lineage. Forgetting and training are repeated with the same recipe,
    /// seed, samples, device and number of threads, a roll-back from the list of what was deleted, a
    /// judgement by the same policy on the same data; like `verify`, it is not counted.
    ///
    /// - Throws: `unsupported` for an operation that computes nothing, `refused` if bytes are erased
    ///   or the data, the policy or the start is no longer the same, `invalidArgument` if something
    ///   that only a person can name is lacking, and what engine and judge throw.
    public func replay(
        _ order: ReplayOrder, engine: any Engine, judge: any Judge, keys: KeyFolder,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> ReplayReport {
        let version = try resolve(order.revision)
        let parent = try version.parent.mapping { (commit) throws(LetheError) in
            try self.version(at: commit)
        }
        switch (version.manifest.operation, parent) {
        case (.forget, let parent?):
            return try await repeatForgetting(
                of: version, after: parent, engine: engine, keys: keys, progress: progress)
        case (.finetune, _):
            return try await repeatTraining(
                of: version, after: parent, by: order, engine: engine, keys: keys,
                progress: progress)
        case (.rollback, let parent?): return try repeatRollBack(of: version, after: parent)
        case (.certify, let parent?):
            return try await repeatJudgement(
                of: version, on: parent, by: order, judge: judge, keys: keys, progress: progress)
        default:
            throw LetheError(
                code: .unsupported,
                message: "\(version.name) came in from outside; nothing was computed for it.",
                remedy: "Name a version that was made here: lethe log \(version.manifest.model).")
        }
    }

    /// The data of that time.
    ///
    /// - Throws: `refused` if it was registered again since, with other samples.
    func unchanged(
        _ reference: DatasetReference, since version: Version
    ) throws(LetheError) -> RegisteredDataset {
        let dataset = try dataset(named: reference.name)
        guard dataset.reference == reference else {
            throw LetheError(
                code: .refused,
                message: "The dataset \"\(reference.name)\" was registered again since "
                    + "\(version.name) was made, and is another one.",
                remedy: "Repeat it where the data is as it was.")
        }
        return dataset
    }

    /// The registry's recipe of that digest, or else what the manifest has of it.
    func recipe(of run: RunDescription) throws(LetheError) -> Recipe {
        if let kept = try? recipe(named: run.recipe), try kept.digest() == run.recipeDigest {
            return kept
        }
        return Recipe(
            name: run.recipe, method: run.method, description: "From a manifest.",
            parameters: run.parameters)
    }

    /// In what two places of runs differ.
    static func differences(_ one: RunEnvironment, _ other: RunEnvironment) -> [String] {
        let pairs = [
            ("Lethe", one.lethe, other.lethe), ("LibTorch", one.libTorch, other.libTorch),
            ("device", one.device, other.device),
            ("threads", "\(one.threads)", "\(other.threads)"),
        ]
        return pairs.filter { $0.1 != $0.2 }.map { "\($0.0) \($0.1) then, \($0.2) now" }
    }
}
