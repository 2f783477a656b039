public import LetheRecords
public import LetheRegistry

extension TinyRegistry {
    /// Keeps what the first version of a model answers.
    @discardableResult
    public func keepYardstick(
        of model: String = TinyRegistry.model, in registry: Registry
    ) async throws(LetheError) -> Yardstick {
        try await registry.keepYardstick(
            of: model, dataset: Self.dataset, place: Self.place, judge: FakeJudge(), keys: keys(),
            now: Self.now, progress: { _ in })
    }

    /// Erases what only revoked versions need, without waiting.
    @discardableResult
    public func purge(
        _ models: [String] = [], skipsGrace: Bool = true, isDryRun: Bool = false,
        now: Timestamp = TinyRegistry.now, in registry: Registry
    ) throws(LetheError) -> PurgeReport {
        let order = PurgeOrder(
            models: models, skipsGrace: skipsGrace, isDryRun: isDryRun,
            policy: try registry.policy(named: "default"))
        return try registry.purge(
            order, keys: isDryRun ? nil : keys(), now: now, progress: { _ in })
    }
}
