import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import Synchronization
import TestSupport
import Testing

/// Two registries: one that is worked in, and a clone of it with keys of its own.
struct TransferFixture: Sendable {
    let source: TinyRegistry
    let target: TinyRegistry
    private let temporary: TemporaryFolder

    /// The source has one model with one version and a dataset; so has its clone.
    init() async throws {
        source = try TinyRegistry()
        let registry = try source.open()
        try await source.publish(in: registry)
        try await source.addDataset(in: registry)
        temporary = try TemporaryFolder()
        let outside = temporary.url.appending(path: "outside")
        let keys = try KeyFolder.create(at: outside.appending(path: "keys"))
        let root = temporary.url.appending(path: "clone")
        let outcome = try Registry.clone(
            source.root, to: root, keys: keys, now: TinyRegistry.now, progress: { _ in })
        try #require(outcome.report.failure == nil)
        target = TinyRegistry(root: root, outside: outside)
    }

    private init(source: TinyRegistry, target: TinyRegistry, temporary: TemporaryFolder) {
        self.source = source
        self.target = target
        self.temporary = temporary
    }

    /// Both as they are now, to work with without touching these.
    func copy() throws -> TransferFixture {
        try TransferFixture(source: source.copy(), target: target.copy(), temporary: temporary)
    }

    /// Another source for the same target.
    func with(source: TinyRegistry) -> TransferFixture {
        TransferFixture(source: source, target: target, temporary: temporary)
    }

    /// Forgets, certifies and publishes in the source: three versions more.
    func workOn() async throws {
        let registry = try source.open()
        try await source.forget([1], in: registry)
        try await source.certify(in: registry)
        try await source.publish(source.otherModelFolder, as: "cats", in: registry)
    }

    /// Another target for the same source.
    func with(target: TinyRegistry) -> TransferFixture {
        TransferFixture(source: source, target: target, temporary: temporary)
    }

    /// Pushes from the source into the clone, with the source's keys, which the clone trusts.
    func push(
        _ lines: [String] = [],
        beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in }
    ) throws(LetheError) -> TransferReport {
        try source.open().push(
            lines, to: target.root, keys: source.keys(), beforeStep: beforeStep,
            progress: { _ in })
    }

    /// Where the lines of a registry are.
    static func tips(_ tiny: TinyRegistry) throws -> [String: String] {
        try Dictionary(
            uniqueKeysWithValues: tiny.open().storage.lineage.references().map {
                ($0.name.description, $0.target.hex)
            })
    }

    /// The names and lengths of a registry's objects.
    static func objects(_ tiny: TinyRegistry) -> [String: Int] {
        Dictionary(
            uniqueKeysWithValues: files(below: tiny.root.appending(path: "objects")).map {
                let size = try? $0.resourceValues(forKeys: [.fileSizeKey]).fileSize
                return ($0.pathComponents.suffix(2).joined(), size ?? 0)
            })
    }

    /// Expects a registry in which fsck and git find no damage.
    static func expectClean(
        _ tiny: TinyRegistry, _ when: String, withGit: Bool = false
    ) throws {
        let report = try tiny.check()
        #expect(report.isClean, "\(when): \(report.findings)")
        guard withGit, Program.has("git") else { return }
        let git = try Program.run(
            "git", ["-C", tiny.root.appending(path: "lineage.git").path, "fsck", "--strict"],
            in: tiny.root.deletingLastPathComponent())
        #expect(git.status == 0, "\(when): \(git.errors)")
    }
}

/// Fails the n-th step.
final class FailingStep: Sendable {
    private let count = Mutex(0)
    private let number: Int

    init(_ number: Int) {
        self.number = number
    }

    var hasFailed: Bool { count.withLock { $0 } >= number }

    var hook: BeforeStep {
        { (step) throws(LetheError) in
            let now = self.count.withLock { count in
                count += 1
                return count
            }
            guard now == self.number else { return }
            throw LetheError(
                code: .diskFull, message: "Step \(self.number) fails: \(step).", remedy: "Retry.")
        }
    }
}
