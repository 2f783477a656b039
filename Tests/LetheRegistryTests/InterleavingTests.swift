import Dispatch
import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import Synchronization
import TestSupport
import Testing

/// Every pair of operations on one registry: the first runs up to its n-th step, the second runs
/// whole, the first goes on.
///
/// A few n for each pair, chosen anew each time (the seed is printed); all of them if
/// `LETHE_EVERY_STEP` is set.
@Suite("Every pair of operations, interleaved", .serialized)
struct InterleavingTests {
    static let sampleCount = 2
    static let seed = UInt64.random(in: .min ... .max)
    static let isExhaustive = ProcessInfo.processInfo.environment["LETHE_EVERY_STEP"] != nil
    static let stage = Task { try await Stage() }

    @Test(
        "The registry is clean, and what was acknowledged is there",
        arguments: Deed.allCases, Deed.allCases)
    func pair(_ first: Deed, _ second: Deed) async throws {
        let stage = try await Self.stage.value
        let counting = Interlude(at: .max) {}
        _ = try await first.run(on: stage.copy(), beforeStep: counting.hook)
        let stepCount = counting.stepCount
        var generator = SplitMix64(
            seed: Self.seed &+ UInt64(first.number * 10 + second.number))
        let numbers =
            Self.isExhaustive
            ? Array(1...stepCount)
            : (0..<Self.sampleCount).map { _ in Int.random(in: 1...stepCount, using: &generator) }
        for number in Set(numbers).sorted() {
            try await interleave(first, second, at: number, on: stage.copy())
        }
        print("\(first), \(second) at \(Set(numbers).sorted()) of \(stepCount), seed \(Self.seed)")
    }

    private func interleave(
        _ first: Deed, _ second: Deed, at number: Int, on stage: Stage
    ) async throws {
        let place: Comment = "\(first), then \(second) before its step \(number), \(Self.seed)"
        let answer = Mutex<Result<Deed.Proof, LetheError>?>(nil)
        let interlude = Interlude(at: number) {
            let result = await Self.result { () async throws(LetheError) in
                try await second.run(on: stage)
            }
            answer.withLock { $0 = result }
        }
        let results = [
            await Self.result { () async throws(LetheError) in
                try await first.run(on: stage, beforeStep: interlude.hook)
            },
            await interlude.finish { answer.withLock { $0 } },
        ].compactMap { $0 }
        #expect(results.count == 2, place)
        // At least one of two writers wins; who loses is told of a conflict.
        #expect(results.contains { (try? $0.get()) != nil }, place)
        for (result, (deed, other)) in zip(results, [(first, second), (second, first)]) {
            switch result {
            case .success(let proof): #expect(try proof.holds(on: stage), place)
            case .failure(let error):
                #expect(deed.mayFail(with: error.code, beside: other), "\(place): \(error)")
            }
        }
        for tiny in [stage.source, stage.target] {
            let report = try tiny.check()
            #expect(report.findings.isEmpty, "\(place): \(report.findings)")
        }
    }

    private static func result(
        _ body: () async throws(LetheError) -> Deed.Proof
    ) async -> Result<Deed.Proof, LetheError> {
        do throws(LetheError) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}

/// What may be done to a registry.
enum Deed: String, CaseIterable, Sendable {
    case publish, forget, certify, gc, pull, push, accept

    /// What must be true for as long as the registry exists, because the command said so.
    enum Proof: Sendable {
        case version(CommitID)
        case pulled(URL)
        case pushed(String)
        case accepted(String)
        case nothing

        func holds(on stage: Stage) throws -> Bool {
            switch self {
            case .version(let commit):
                return try stage.source.open().versions(of: "faces").contains {
                    $0.commit == commit
                }
            case .pulled(let folder):
                let name = "model.safetensors"
                return FileManager.default.fileExists(atPath: folder.appending(path: name).path)
            case .pushed(let tip):
                return try stage.target.open().versions(of: "faces").contains {
                    $0.commit.hex == tip
                }
            case .accepted(let id):
                return try stage.source.open().caseFile(id).state == .accepted
            case .nothing: return true
            }
        }
    }

    var number: Int { Deed.allCases.firstIndex(of: self) ?? 0 }

    /// Whether it is fair that a deed fails beside another: a conflict always is.
    ///
    /// A judge may find the model wanting that was published just before, a certificate revokes what
    /// is being pulled, and who comes after the same deed is told that it is done.
    func mayFail(with code: ErrorCode, beside other: Deed) -> Bool {
        switch self {
        case .certify where code == .gateFailed: other == .publish
        case .certify where code == .alreadyExists: other == .certify
        case .accept where code == .refused: other == .accept
        case .forget where code == .invalidArgument: other == .forget
        case .pull where code == .refused: other == .certify
        default: code == .conflict
        }
    }

    func run(
        on stage: Stage, beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in }
    ) async throws(LetheError) -> Proof {
        let tiny = stage.source
        let registry =
            if self == .push { try tiny.open() } else {
                try tiny.open(beforeStep: beforeStep)
            }
        switch self {
        case .publish:
            return .version(try await tiny.publish(tiny.otherModelFolder, in: registry).commit)
        case .forget: return .version(try await tiny.forget([2], in: registry).commit)
        case .certify:
            let outcome = try await tiny.certify(in: registry)
            guard let version = outcome.certified else {
                throw LetheError(code: .gateFailed, message: "A gate did not hold.")
            }
            return .version(version.commit)
        case .gc:
            _ = try registry.collectGarbage(
                CollectionOrder(graceSeconds: 0), now: Timestamp(Date()), progress: { _ in })
            return .nothing
        case .pull:
            let folder = tiny.folder("pulled-\(UUID().uuidString)")
            _ = try registry.pull(
                Revision("faces@v2"), to: folder, allowingUncertified: true, progress: { _ in })
            return .pulled(folder)
        case .push:
            let report = try registry.push(
                to: stage.target.root, keys: tiny.keys(), beforeStep: beforeStep,
                progress: { _ in })
            if let failure = report.failure { throw failure }
            let model = try ReferenceName.model(TinyRegistry.model)
            for line in report.lines where line.reference == model {
                if case .moved(_, let tip) = line.outcome { return .pushed(tip.hex) }
            }
            return .nothing
        case .accept:
            try tiny.acceptRequest(in: registry)
            return .accepted(try registry.caseFiles().first?.opening.id ?? "")
        }
    }
}

/// A registry in which every deed is possible, and a clone of it that is one version behind.
struct Stage: Sendable {
    private let fixture: TransferFixture

    var source: TinyRegistry { fixture.source }
    var target: TinyRegistry { fixture.target }

    init() async throws {
        fixture = try await TransferFixture()
        let registry = try fixture.source.open()
        try await fixture.source.identifiedRequest(in: registry)
        try await fixture.source.forget([1], in: registry)
        // The objects of the model that will be published are there, old, and nobody's.
        let batch = registry.storage.objects.batch()
        for name in ["model.safetensors", "config.json", "preprocessor_config.json"] {
            _ = try batch.putFile(fixture.source.otherModelFolder.appending(path: name))
        }
        try batch.makeDurable()
    }

    private init(_ fixture: TransferFixture) {
        self.fixture = fixture
    }

    func copy() throws -> Stage {
        let stage = Stage(try fixture.copy())
        stage.source.ageObjects()
        return stage
    }
}

/// Something that happens before the n-th step of something else.
///
/// If it has to wait for a lock that the other holds, the other goes on after a while.
final class Interlude: Sendable {
    private let count = Mutex(0)
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let number: Int
    private let body: @Sendable () async -> Void

    init(at number: Int, _ body: @escaping @Sendable () async -> Void) {
        self.number = number
        self.body = body
    }

    var stepCount: Int { count.withLock { $0 } }

    var hook: BeforeStep {
        { (_) throws(LetheError) in
            let now = self.count.withLock { count in
                count += 1
                return count
            }
            if now == self.number { self.begin() }
        }
    }

    private func begin() {
        let done = DispatchSemaphore(value: 0)
        let body = body
        task.withLock {
            $0 = Task.detached {
                await body()
                done.signal()
            }
        }
        _ = done.wait(timeout: .now() + 2)
    }

    /// Waits for its end; runs it now if its moment never came.
    func finish<Answer: Sendable>(_ answer: () -> Answer) async -> Answer {
        if let task = task.withLock({ $0 }) { await task.value } else { await body() }
        return answer()
    }
}
