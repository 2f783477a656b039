public import LetheRecords
internal import LetheStorage

/// A request to erase as a person hands it in.
public struct CaseOrder: Sendable {
    /// The model.
    public var model: String
    /// The dataset that shows what is to be forgotten.
    public var dataset: String
    /// The labels; empty where samples are named.
    public var classes: [Int]
    /// Training samples, as a person names them; empty where classes are named.
    public var samples: [String]
    /// The right that is claimed.
    public var basis: LegalBasis
    /// A reference to the requester's file; not a name.
    public var requester: String
    /// When it came in.
    public var received: Timestamp

    /// Puts an order together.
    public init(
        model: String, dataset: String, classes: [Int] = [], samples: [String] = [],
        basis: LegalBasis, requester: String, received: Timestamp
    ) {
        self.model = model
        self.dataset = dataset
        self.classes = classes
        self.samples = samples
        self.basis = basis
        self.requester = requester
        self.received = received
    }
}

extension Registry {
    /// Writes down that a request came in; from then on its clock runs.
    ///
    /// Nothing limits what may come in: a request that is not written down has no clock.
    ///
    /// - Throws: `invalidArgument` for classes or samples that do not exist, a requester that looks
    ///   like a name, or a time in the future; `alreadyExists` if the same one is there.
    public func receive(
        _ order: CaseOrder, engine: any Engine, keys: KeyFolder, now: Timestamp,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> CaseFile {
        try requireWritable(by: keys)
        guard try tip(of: order.model) != nil else { throw try unknown(model: order.model) }
        guard order.received <= now else {
            throw LetheError(
                code: .invalidArgument, message: "\(order.received) is still to come.",
                remedy: "Correct --received.")
        }
        let dataset = try dataset(named: order.dataset)
        let chosen = try await caseSamples(order, dataset, engine, keys, progress)
        try Self.requireClasses(order, in: dataset.record)
        let split = try dataset.record.split(named: "train")
        let opening = try ErasureCase(
            model: order.model, received: order.received, dataset: dataset.reference,
            classes: order.classes, samples: chosen?.list,
            sampleCount: chosen?.sampleCount
                ?? order.classes.reduce(0) { $0 + split.classSampleCounts[$1] },
            basis: order.basis, requester: order.requester)
        let reference = try ReferenceName.request(opening.id)
        guard try storage.lineage.target(of: reference) == nil else {
            throw LetheError(
                code: .alreadyExists, message: "This request is there already, as \(opening.id).",
                remedy: "See lethe requests show \(opening.id).")
        }
        try RecordLine(registry: self, reference: reference).append(
            opening.canonicalBytes(), as: .received,
            summary: "received: \(opening.id) about \(opening.model)", after: 0, keys: keys,
            now: now)
        return CaseFile(opening)
    }

    private func caseSamples(
        _ order: CaseOrder, _ dataset: RegisteredDataset, _ engine: any Engine,
        _ keys: KeyFolder, _ progress: @escaping ProgressHandler
    ) async throws(LetheError) -> ChosenSamples? {
        guard !order.samples.isEmpty else { return nil }
        let key = keys.commitmentKey
        try requireKey(of: dataset.record, is: key)
        let located = try await engine.locate(
            order.samples, in: location(of: order.dataset), key: key, progress: progress)
        return try chosen(located.named.map(\.commitment), in: located.training, dataset, key)
    }

    private static func requireClasses(
        _ order: CaseOrder, in record: DatasetRecord
    ) throws(LetheError) {
        let counts = try record.split(named: "train").classSampleCounts
        let isKnown = order.classes.allSatisfy { counts.indices.contains($0) && counts[$0] > 0 }
        guard order.classes.isEmpty != order.samples.isEmpty, isKnown,
            Set(order.classes).count == order.classes.count
        else {
            throw LetheError(
                code: .invalidArgument,
                message: "A request names classes of \"\(record.name)\" that have training "
                    + "samples, each once, or samples, and not both.",
                remedy: "Write for example --class 7, or --samples with a file.")
        }
    }
}
