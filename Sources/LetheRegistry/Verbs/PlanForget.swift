internal import Foundation
public import LetheRecords
internal import LetheStorage

/// What honouring an order would take; nothing of it is done.
public struct ForgetPlan: Sendable {
    /// The version that would be the parent.
    public let version: Version
    /// The requests as they would be, with another time and therefore another id.
    public let requests: [ForgetRequest]
    /// Those that the line has honoured, oldest first.
    public let earlier: [ForgetRequest]
    /// The recipe.
    public let recipe: Recipe
    /// What a few real steps of it cost.
    public let trial: TimedTrial
    /// What the new version would store, in bytes.
    public let storage: PlannedStorage
    /// Every class of the head, by label.
    public let classes: [PlannedClass]
    /// The number of the next certificate of the line, for the error budget.
    public let sequenceNumber: Int
    /// What knows the data now, and what becomes of it.
    public let radius: BlastRadius

    /// Retained classes of which the training split has no sample.
    public var withoutData: [Int] {
        classes.filter { $0.role == .retained && $0.trainingCount == 0 }.map(\.label)
    }
    /// Retained classes of which it has fewer than `PlannedClass.few`, but some.
    public var withFewData: [Int] {
        classes.filter {
            $0.role == .retained && (1..<PlannedClass.few).contains($0.trainingCount)
        }.map(\.label)
    }
}

/// What a version is expected to store.
public struct PlannedStorage: Sendable, Equatable {
    /// Bytes.
    public let sizeBytes: Int
    /// Whether that is what the line's last run of this recipe stored; else it is the most that it
    /// can be, all weights anew.
    public let isMeasured: Bool
}

/// One class in a plan.
public struct PlannedClass: Sendable, Equatable {
    /// Below how many training samples a class counts as having few; the number is ours.
    public static let few = 10

    /// What becomes of a class.
    public enum Role: String, Sendable {
        /// The order names it.
        case forgotten
        /// An earlier request named it.
        case earlier
        /// It stays.
        case retained
    }

    /// The label.
    public let label: Int
    /// What becomes of it.
    public let role: Role
    /// Training samples that are not forgotten one by one.
    public let trainingCount: Int
    /// Training samples that this order names one by one.
    public let namedCount: Int
    /// Test samples.
    public let testCount: Int
}

extension Registry {
    /// Says what an order would cost and what it would have to work with; changes nothing.
    ///
    /// The first steps of the run are really taken, in a scratch folder, because nothing else says
    /// how long a step takes on this machine.
    ///
    /// - Throws: everything that `forget` throws for an order that makes no sense.
    public func plan(
        _ order: ForgetOrder, engine: any Engine, keys: KeyFolder, now: Timestamp,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> ForgetPlan {
        let parent = try resolve(Revision(order.model), fallback: "latest")
        let dataset = try dataset(named: order.dataset)
        let earlier = try requests(of: parent)
        let lists = try sampleLists(of: parent, requests: earlier)
        let work = try workFolder()
        let folder = try work.folder("model")
        try materialise(parent, into: folder, progress: progress)
        let model = try await engine.inspect(modelFolder: folder)
        try ForgetCheck.check(order, model: model, dataset: dataset.record, earlier: earlier)
        let chosen = try await chosenSamples(
            order, dataset, earlier: earlier, lists: lists, engine: engine, keys: keys,
            progress: progress)
        let requests = try newRequests(order, dataset, chosen, now: now)
        let scratch = try work.folder("trial")
        let trial = try await TimedTrial.measure(
            ForgetTask(
                modelFolder: folder, dataset: location(of: order.dataset), request: requests[0],
                earlierRequests: earlier, recipe: order.recipe, seed: order.seed,
                place: order.place, checkpointFolder: scratch,
                deltaFile: scratch.appending(path: "delta.safetensors"),
                weightsFile: scratch.appending(path: VersionTree.weightsName),
                furtherRequests: Array(requests.dropFirst()),
                commitments: commitments(
                    key: keys.commitmentKey, dataset: dataset.record,
                    requested: chosen?.list.commitments ?? [], lists: lists)),
            engine: engine, progress: progress)
        return ForgetPlan(
            version: parent, requests: requests, earlier: earlier, recipe: order.recipe,
            trial: trial, storage: try plannedStorage(order.recipe, onto: parent),
            classes: try plannedClasses(
                dataset.record, forgotten: order.classes, earlier: earlier,
                named: chosen?.labels ?? []),
            sequenceNumber: try certificates(of: parent).count + 1,
            radius: try blastRadius(of: requests))
    }

    private func plannedClasses(
        _ record: DatasetRecord, forgotten: [Int], earlier: [ForgetRequest], named: [Int]
    ) throws(LetheError) -> [PlannedClass] {
        let training = try record.split(named: "train").classSampleCounts
        let test = record.splits.first { $0.name == "test" }?.classSampleCounts ?? []
        let gone = Set(earlier.flatMap(\.classes))
        let counts = Dictionary(named.map { ($0, 1) }, uniquingKeysWith: +)
        return (0..<record.classCount).map { label in
            let all = training.indices.contains(label) ? training[label] : 0
            let single = counts[label] ?? 0
            return PlannedClass(
                label: label,
                role: forgotten.contains(label)
                    ? .forgotten : gone.contains(label) ? .earlier : .retained,
                trainingCount: all - single, namedCount: single,
                testCount: test.indices.contains(label) ? test[label] : 0)
        }
    }

    /// What the line's newest run of a recipe stored; without one, all weights.
    private func plannedStorage(
        _ recipe: Recipe, onto parent: Version
    ) throws(LetheError) -> PlannedStorage {
        let digest = try recipe.digest()
        let last = try versions(of: parent.manifest.model).last {
            $0.manifest.operation == .forget && $0.manifest.run?.recipeDigest == digest
        }
        if let delta = last?.manifest.delta {
            return PlannedStorage(sizeBytes: delta.file.sizeBytes, isMeasured: true)
        }
        return PlannedStorage(sizeBytes: try parent.weights().sizeBytes, isMeasured: false)
    }
}
