internal import Foundation
public import LetheRecords
public import LetheRegistry
internal import LetheStorage

/// One thing that a writer does to a tiny registry; the same in a test and in the crash worker.
public enum TinyOperation: String, CaseIterable, Sendable {
    /// The second version of the model.
    case publish
    /// A dataset that was not there.
    case addDataset
    /// A request for class 1.
    case forget
    /// A certificate for that request.
    case certify
    /// Objects that nothing needs are removed.
    case collect
    /// The second version of the model, from another registry; what push does on the other side.
    case receive
    /// The second version of one model and the first of another, together.
    case publishEach
    /// What only revoked versions need is erased.
    case purge
    /// A request that came in and whose requester is known is accepted.
    case accept
    /// Accepted requests are honoured in one run, and that is written down.
    case runRequests
    /// What the lineage proves about a request is written down: run, verified, propagated.
    case settle
    /// A consumer removes a revoked version that it had pulled, and signs for it.
    case prune

    /// Makes a registry in which this operation is the next.
    public func prepare() async throws -> TinyRegistry {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        if self == .addDataset { return tiny }
        if self == .publishEach {
            try tiny.writeModels()
            return tiny
        }
        try await tiny.addDataset(in: registry)
        switch self {
        case .certify: try await tiny.forget([1], in: registry)
        case .collect: for bytes in Self.garbage { _ = try registry.storage.objects.put(bytes) }
        case .purge:
            try await tiny.forget([1], in: registry)
            try await tiny.certify(in: registry)
            try await tiny.keepYardstick(in: registry)
        case .accept: try await tiny.identifiedRequest(in: registry)
        case .runRequests:
            try await tiny.identifiedRequest(in: registry)
            try tiny.acceptRequest(in: registry)
        case .settle: try await tiny.unsettledRequest(in: registry)
        case .prune: try await tiny.pulledAndRevoked(in: registry)
        case .receive:
            let clone = try tiny.cloned()
            let source = try clone.source.open()
            try await tiny.publish(tiny.otherModelFolder, in: source)
            return clone
        default: break
        }
        return tiny
    }

    /// Objects that nothing needs.
    private static let garbage = (0..<12).map { Array("nobody needs this, number \($0)".utf8) }

    /// Does it.
    public func run(on tiny: TinyRegistry, in registry: Registry) async throws(LetheError) {
        switch self {
        case .publish: try await tiny.publish(tiny.otherModelFolder, in: registry)
        case .addDataset: try await tiny.addDataset(in: registry)
        case .forget: try await tiny.forget([1], in: registry)
        case .certify: try await tiny.certify(in: registry)
        case .collect:
            _ = try registry.collectGarbage(
                CollectionOrder(graceSeconds: 0), now: TinyRegistry.now, progress: { _ in })
        case .receive:
            let report = try registry.fetch(
                [TinyRegistry.model], from: tiny.source.root, keys: tiny.keys(),
                progress: { _ in })
            if let failure = report.failure { throw failure }
        case .publishEach: try await tiny.publishEach(in: registry)
        case .purge: try tiny.purge(in: registry)
        case .accept: try tiny.acceptRequest(in: registry)
        case .runRequests: try await tiny.runRequest(in: registry)
        case .settle: _ = try registry.settle(keys: tiny.keys(), now: TinyRegistry.now)
        case .prune: try tiny.prune(in: registry)
        }
    }

    /// How often it has been done: 0 before, 1 after, anything else is wrong.
    public func doneCount(in registry: Registry) throws(LetheError) -> Int {
        switch self {
        case .publish: try registry.versions(of: TinyRegistry.model).count - 1
        case .addDataset: try registry.datasets().count
        case .forget: try registry.versions(of: TinyRegistry.model).count - 1
        case .certify: try registry.versions(of: TinyRegistry.model).count - 2
        case .collect:
            Self.garbage.contains { registry.storage.objects.contains(Digest(hashing: $0)) } ? 0 : 1
        case .receive: try registry.versions(of: TinyRegistry.model).count - 1
        case .publishEach: try Self.publishedCount(in: registry)
        case .purge: try registry.receipts().count
        case .accept:
            try Self.stepCount(.accepted, in: registry)
        case .runRequests: try Self.stepCount(.run, in: registry)
        case .settle: try Self.stepCount(.propagated, in: registry)
        case .prune: try registry.notices().isEmpty ? 1 : 0
        }
    }

    private static func stepCount(
        _ kind: CaseStep.Kind, in registry: Registry
    ) throws(LetheError) -> Int {
        try registry.caseFiles().first?.steps.count { $0.step == kind } ?? 0
    }

    /// 1 once both models have their version; before that, each has its old one or its new one.
    private static func publishedCount(in registry: Registry) throws(LetheError) -> Int {
        let old = try registry.versions(of: TinyRegistry.model).count
        let isThere = try registry.models().contains(TinyRegistry.adapter)
        let new = isThere ? try registry.versions(of: TinyRegistry.adapter).count : 0
        guard (1...2).contains(old), new < 2 else { return 2 }
        return old == 2 && new == 1 ? 1 : 0
    }

    /// What doing it once more says; nil where that is no error.
    public var errorWhenDone: ErrorCode? {
        switch self {
        case .publish, .addDataset, .collect, .receive, .publishEach, .purge, .runRequests,
            .settle, .prune:
            nil
        case .forget: .invalidArgument
        case .accept: .refused
        case .certify: .alreadyExists
        }
    }
}
