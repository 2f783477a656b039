internal import Foundation
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

    /// Honours the oldest request; if a version has done so before, that is written down.
    public func runRequest(in registry: Registry) async throws(LetheError) {
        guard let file = try registry.caseFiles().first else { return }
        let ids = [file.opening.id]
        guard [.accepted, .planned].contains(file.state) else { return }
        let order: ForgetOrder
        do throws(LetheError) {
            order = try registry.order(
                for: ids, recipe: registry.recipe(named: "strong"), seed: 1, place: Self.place)
        } catch  where error.code == .refused {
            _ = try registry.settle(ids, keys: keys(), now: Self.now)
            return
        }
        _ = try await registry.runRequests(
            ids, order: order, engine: FakeEngine(), keys: keys(), now: Self.now,
            progress: { _ in })
    }

    /// Accepts a request and does all that it asks for, without writing down that it was done.
    public func unsettledRequest(in registry: Registry) async throws(LetheError) {
        try await identifiedRequest(in: registry)
        try acceptRequest(in: registry)
        try await forget([1], in: registry)
        try await certify(in: registry)
        try await keepYardstick(in: registry)
        try purge(in: registry)
    }

    /// A consumer pulls a version that is revoked afterwards.
    public func pulledAndRevoked(in registry: Registry) async throws {
        _ = try registry.pull(
            Revision("\(Self.model)@v1"), to: pulledFolder, allowingUncertified: true,
            as: consumer(), now: Self.now, progress: { _ in })
        try await forget([1], in: registry)
        try await certify(in: registry)
    }

    /// Removes a copy of the pulled folder, which is this registry's own and stays from try to try.
    public func prune(in registry: Registry) throws(LetheError) {
        let mine = folder("pulled")
        let manager = FileManager.default
        do {
            if !manager.fileExists(atPath: mine.path) {
                let half = folder("pulled.half")
                try? manager.removeItem(at: half)
                try manager.copyItem(at: pulledFolder, to: half)
                try manager.moveItem(at: half, to: mine)
            }
        } catch {
            throw LetheError(code: .io, message: "\(mine.path) cannot be copied.", cause: error)
        }
        _ = try registry.prune(mine, as: consumer(), now: Self.now)
    }

    private var pulledFolder: URL { outside.appending(path: "pulled") }

    private func consumer() throws(LetheError) -> Consumer {
        try Consumer(name: "web", keyFile: outside.appending(path: "consumer.pem"))
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
