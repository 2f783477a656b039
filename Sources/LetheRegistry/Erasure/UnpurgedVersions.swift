public import LetheRecords
internal import LetheStorage

/// A revoked version whose bytes are still there.
public struct UnpurgedVersion: Sendable, Hashable {
    /// The model.
    public let model: String
    /// `faces@v1`.
    public let version: String
    /// Why its bytes stay for now; nil if `lethe purge` would erase them.
    public let reason: String?
}

extension Registry {
    /// The revoked versions of some models whose bytes are still there, by line and number.
    ///
    /// - Throws: what reading the lineage throws.
    public func unpurged(
        _ models: [String], policy: Policy, now: Timestamp
    ) throws(LetheError) -> [UnpurgedVersion] {
        let days = policy.purgeGraceDays ?? Policy.defaultPurgeGraceDays
        return try models.mapping { (model) throws(LetheError) in
            // The index knows at once whether anything is revoked; only then is the line read.
            let revoked = try log(model).reversed().filter { $0.state == .revoked }
            if revoked.isEmpty { return [UnpurgedVersion]() }
            let plan = try PurgePlan(self, models: [model], graceDays: days, now: now)
            let waiting = Dictionary(plan.waiting.map { ($0.version, $0.reason) }) { one, _ in one }
            let names = Set(
                plan.chosen.flatMap { $0.versions.map(\.name) } + plan.waiting.map(\.version))
            return revoked.map { "\($0.model)@v\($0.number)" }.filter(names.contains)
                .map { UnpurgedVersion(model: model, version: $0, reason: waiting[$0]) }
        }.flatMap { $0 }
    }

    /// The model on whose line a version has honoured a request; nil if none has.
    public func model(honouring request: String) throws(LetheError) -> String? {
        try index.firstCommit(honouring: request).mapping { (commit) throws(LetheError) in
            try version(at: commit).manifest.model
        }
    }
}
