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

    /// Writes down a request to erase a class and that its requester is known.
    public func identifiedRequest(in registry: Registry) async throws(LetheError) {
        let order = CaseOrder(
            model: Self.model, dataset: Self.dataset, classes: [1], basis: .objection,
            requester: "case 1", received: Self.now)
        let file = try await registry.receive(
            order, engine: FakeEngine(), keys: keys(), now: Self.now, progress: { _ in })
        _ = try registry.identify(file.opening.id, keys: keys(), now: Self.now)
    }

    /// Accepts the oldest request.
    public func acceptRequest(in registry: Registry) throws(LetheError) {
        guard let file = try registry.caseFiles().first else { return }
        _ = try registry.accept(
            file.opening.id, policy: registry.policy(named: "default"), keys: keys(),
            now: Self.now)
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
