internal import Foundation
internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

/// What to purge.
public struct PurgeOrder: Sendable {
    /// The models; none for all.
    public var models: [String]
    /// Whether the grace period is not waited for.
    public var skipsGrace: Bool
    /// Whether to change nothing and only say what would go.
    public var isDryRun: Bool
    /// The policy whose grace period counts.
    public var policy: Policy

    /// Puts an order together.
    public init(
        models: [String] = [], skipsGrace: Bool = false, isDryRun: Bool = false, policy: Policy
    ) {
        self.models = models
        self.skipsGrace = skipsGrace
        self.isDryRun = isDryRun
        self.policy = policy
    }
}

/// A revoked version that keeps its bytes for now.
public struct WaitingVersion: Sendable, Hashable {
    /// `faces@v1`.
    public let version: String
    /// Why, in words.
    public let reason: String
}

/// What a purge did, or would do.
public struct PurgeReport: Sendable {
    /// Whether nothing was changed.
    public let isDryRun: Bool
    /// The versions that lost their bytes now, such as `faces@v1`.
    public internal(set) var versions: [String] = []
    /// The objects that were removed now.
    public internal(set) var removed: [ErasedObject] = []
    /// Objects of erased versions that stay, with what holds each.
    public internal(set) var kept: [KeptObject] = []
    /// Revoked versions that stay for now.
    public internal(set) var waiting: [WaitingVersion] = []
    /// Whether objects are encrypted: then the keys of what goes are destroyed.
    public internal(set) var isEncrypted = false
    /// How many objects stay and were encrypted with a new key, because the old one was destroyed.
    public internal(set) var encryptedAnewCount = 0
    /// The signed receipt; nil if there was nothing to do.
    public internal(set) var receipt: DeletionReceipt?

    /// The bytes that were freed, or would be.
    public var removedSizeBytes: Int { removed.reduce(0) { $0 + $1.sizeBytes } }
}

extension Registry {
    /// Erases what only revoked versions reach, once their grace period is over: first signed
    /// tombstones, then the objects, then a signed receipt.
    ///
    /// Tombstones that came from another registry are honoured too, whatever the grace period.
    /// It may run beside everything else; if it is killed, running it again goes on.
    ///
    /// - Throws: `integrity` if the lineage cannot be read: then nobody knows what surviving
    ///   versions need, and nothing more is removed; `conflict`, `io`.
    public func purge(
        _ order: PurgeOrder, keys: KeyFolder?, now: Timestamp, progress: @escaping ProgressHandler
    ) throws(LetheError) -> PurgeReport {
        let models = try order.models.isEmpty ? models() : order.models
        if let keys, !order.isDryRun {
            try requireWritable(by: keys)
            for model in models { try recordRevocations(of: model, keys: keys, now: now) }
        }
        let days = order.policy.purgeGraceDays ?? Policy.defaultPurgeGraceDays
        let plan = try PurgePlan(
            self, models: models, graceDays: order.skipsGrace ? 0 : days, now: now)
        var report = PurgeReport(isDryRun: order.isDryRun)
        report.isEncrypted = isEncrypted
        report.versions = plan.chosen.flatMap { $0.versions.map(\.name) }
        report.waiting = plan.waiting
        var needs = try objectNeeds(besides: plan.manifests)
        try needs.update()
        let decided = try decide(plan, needs, &report)
        var erasure = ObjectErasure(storage)
        erasure.isDryRun = order.isDryRun
        guard let keys, !order.isDryRun else {
            let all = try erasedContent().objects.union(decided.flatMap(\.1).map(\.digest))
            try report.add(erasure.run(all, needs: &needs, progress: progress))
            return report
        }
        try writeTombstones(decided, plan, keys: keys, now: now)
        let erased = try erasedContent().objects
        try replaceKeys(erasing: erased.filter { needs.holders[$0] == nil }, keys: keys)
        try report.add(erasure.run(erased, needs: &needs, progress: progress))
        report.encryptedAnewCount = try retireKeys(keys, progress: progress)
        report.receipt = try writeReceipt(report, keys: keys, now: now)
        return report
    }

    /// The objects of each model's chosen versions that no surviving version needs.
    private func decide(
        _ plan: PurgePlan, _ needs: ObjectNeeds, _ report: inout PurgeReport
    ) throws(LetheError) -> [(model: String, [ErasedObject])] {
        // What versions of two models share stands in the records of both: each line is complete.
        try plan.chosen.mapping { (model, versions) throws(LetheError) in
            var going: [ErasedObject] = []
            for object in try storage.objects.closure(of: versions.flatMap(\.storedFiles)) {
                guard let holder = needs.holders[object.digest] else {
                    going.append(object)
                    continue
                }
                report.kept.append(
                    KeptObject(
                        digest: object.digest, sizeBytes: object.sizeBytes, holder: holder))
            }
            return (model, going)
        }
    }

    /// So many objects stand in one record, which git keeps and which must stay below 1 MiB.
    private static let objectsPerRecord = 4000

    private func writeTombstones(
        _ decided: [(model: String, objects: [ErasedObject])], _ plan: PurgePlan, keys: KeyFolder,
        now: Timestamp
    ) throws(LetheError) {
        let key = try keys.operatorKey.verifyingKey.identifier
        for (one, chosen) in zip(decided, plan.chosen) {
            let requests = try tip(of: one.model).mapping(requests(of:)) ?? []
            let references = try requests.mapping(Self.reference)
            let count = max(one.objects.count, 1)
            for start in stride(from: 0, to: count, by: Self.objectsPerRecord) {
                let end = min(start + Self.objectsPerRecord, one.objects.count)
                let record = Tombstones(
                    model: one.model, versions: chosen.versions.map(\.reference),
                    requests: references, objects: Array(one.objects[start..<end]),
                    operatorKey: key, created: now)
                let names = chosen.versions.map { "v\($0.manifest.number)" }
                try erasureLine(of: one.model).append(
                    record.canonicalBytes(), as: .purge,
                    summary: "Erase \(names.joined(separator: ", ")) of \(one.model)", keys: keys,
                    now: now)
            }
        }
    }
}

extension PurgeReport {
    mutating func add(_ outcome: ObjectErasure.Outcome) {
        removed += outcome.removed
        kept += outcome.kept
    }
}
