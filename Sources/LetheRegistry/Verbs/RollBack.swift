internal import Foundation
public import LetheRecords
internal import LetheStorage

/// What to delete from a sharded model.
public struct RollBackOrder: Sendable {
    /// The model.
    public var model: String
    /// Labels all of whose training samples are deleted.
    public var classes: [Int]
    /// Training samples by their commitments; only without classes.
    public var commitments: [Digest]
    /// The dataset, which must be the one that the model was trained on.
    public var dataset: String
    /// A reference to the requester's file; not a name.
    public var reference: String?

    /// Puts an order together.
    public init(
        model: String, classes: [Int] = [], commitments: [Digest] = [],
        dataset: String, reference: String? = nil
    ) {
        self.model = model
        self.classes = classes
        self.commitments = commitments
        self.dataset = dataset
        self.reference = reference
    }
}

/// A deletion that is worked out and not written.
struct PreparedRollBack {
    let parent: Version
    let plan: ShardPlanRecord
    let request: ForgetRequest
    let earlier: [ForgetRequest]
    let deletion: Deletion
    let before: ShardState
    let after: ShardState
}

extension Registry {
    /// Deletes training samples exactly: the next version serves the longest stages that never saw
    /// their slices.
    ///
    /// Nothing is trained and no image is read.
    ///
    /// - Throws: `notFound` for samples that the plan does not have, `invalidArgument` for an order
    ///   that makes no sense or was honoured already, `refused` if nothing would be left to serve,
    ///   `conflict` if another writer was first.
    public func rollBack(
        _ order: RollBackOrder, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> Version {
        try requireWritable(by: keys)
        let prepared = try prepare(order, keys: keys, now: now)
        let (parent, request) = (prepared.parent, prepared.request)
        let batch = storage.objects.batch(of: order.model)
        let (base, texts) = try base(
            of: parent, forgotten: prepared.earlier + [request], in: batch)
        return try write(
            ShardDraft(
                parent: parent, model: order.model, operation: .rollback, base: base, texts: texts,
                plan: prepared.plan, state: prepared.after,
                deletions: parent.manifest.files.filter { $0.path.hasPrefix("deletions/") },
                deletion: prepared.deletion, requests: prepared.earlier + [request],
                summary: "Delete \(request.sampleCount) "
                    + "\(request.sampleCount == 1 ? "sample" : "samples") of \(order.model)"),
            objects: batch, keys: keys, now: now)
    }

    /// Works out what a deletion leaves.
    ///
    /// - Throws: what `rollBack` throws for an order that makes no sense or cannot be honoured.
    func prepare(
        _ order: RollBackOrder, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> PreparedRollBack {
        let parent = try resolve(Revision(order.model), fallback: "latest")
        let before = try shards(of: parent)
        let plan = try plan(of: parent, before)
        let secret = try PrivateShardPlan.read(
            for: plan, before.plan, keys: keys, files: storage.files)
        try requireSame(order.dataset, plan)
        let earlier = try requests(of: parent)
        let groups = try Self.groups(order, secret.samples(in: plan), earlier)
        let request = try ForgetRequest(
            model: order.model, received: now, classes: order.classes, dataset: plan.dataset,
            sampleCount: groups.reduce(0) { $0 + $1.count }, commitment: Deletion.root(of: groups),
            reference: order.reference)
        let deletion = Deletion(request: request.id, groups: groups)
        let after = before.without(deletion, plan: plan)
        guard !after.served.isEmpty else { throw Self.dead(parent) }
        return PreparedRollBack(
            parent: parent, plan: plan, request: request, earlier: earlier, deletion: deletion,
            before: before, after: after)
    }

    /// The base of a version, without the names of forgotten classes, and every text of the version.
    func base(
        of version: Version, forgotten requests: [ForgetRequest], in batch: ObjectBatch
    ) throws(LetheError) -> (files: [VersionFile], texts: [String: [UInt8]]) {
        var texts = try texts(of: version)
        let names = [VersionTree.configurationName, VersionTree.weightsName] + ModelFolder.optional
        var files = version.manifest.files.filter {
            names.contains($0.path) && $0.path != ModelCard.name
        }
        let labels = requests.flatMap(\.classes)
        guard !labels.isEmpty,
            let place = files.firstIndex(where: { $0.path == VersionTree.configurationName })
        else { return (files, texts) }
        let configuration = try LabelNames.erasing(
            labels,
            from: storage.objects.read(
                files[place].stored, limitBytes: VersionTree.configurationLimitBytes))
        files[place] = try store(
            text: configuration, as: VersionTree.configurationName, in: batch, &texts)
        return (files, texts)
    }

    private func requireSame(_ dataset: String, _ plan: ShardPlanRecord) throws(LetheError) {
        guard dataset != plan.dataset.name else { return }
        throw LetheError(
            code: .invalidArgument,
            message: "The model was trained on \"\(plan.dataset.name)\", not on \"\(dataset)\".",
            remedy: "Name --dataset \(plan.dataset.name).")
    }

    /// The commitments to what an order names: a group for each class, or one of samples.
    private static func groups(
        _ order: RollBackOrder, _ known: [(index: Int, label: Int, commitment: Digest)],
        _ earlier: [ForgetRequest]
    ) throws(LetheError) -> [[Digest]] {
        guard order.classes.isEmpty != order.commitments.isEmpty,
            Set(order.classes).count == order.classes.count,
            Set(order.commitments).count == order.commitments.count
        else {
            throw LetheError(
                code: .invalidArgument,
                message: "A request names classes or samples, not both, each once.",
                remedy: "Write for example --samples FILE, or --class 7.")
        }
        if order.classes.isEmpty { return [try group(order.commitments, known)] }
        return try order.classes.sorted().mapping { (label) throws(LetheError) in
            if let done = earlier.first(where: { $0.classes.contains(label) }) {
                throw LetheError(
                    code: .invalidArgument,
                    message: "Class \(label) was deleted already, by the request \(done.id).",
                    remedy: "See lethe log \(order.model).")
            }
            let group = known.filter { $0.label == label }.map(\.commitment)
            guard !group.isEmpty else { throw notPlanned("class \(label)") }
            return group
        }
    }

    /// The commitments that an order names, as the plan orders them.
    private static func group(
        _ commitments: [Digest], _ known: [(index: Int, label: Int, commitment: Digest)]
    ) throws(LetheError) -> [Digest] {
        let wanted = Set(commitments)
        let found = known.map(\.commitment).filter(wanted.contains)
        guard Set(found) == wanted else { throw notPlanned("one of the samples") }
        return found
    }

    private static func notPlanned(_ what: String) -> LetheError {
        LetheError(
            code: .notFound, message: "The model was not trained on \(what).",
            remedy: "Name what the training split had when the model was planned.")
    }

    private static func dead(_ parent: Version) -> LetheError {
        LetheError(
            code: .refused,
            message: "No stage would be left that never saw these samples: \(parent.name) would "
                + "have nothing to serve.",
            remedy: "Remove the samples from the data, add it again and train a new model under "
                + "another name; do not serve this one any more.")
    }
}
