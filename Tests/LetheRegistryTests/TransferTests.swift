import Foundation
import LetheCertificates
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Push, fetch and clone")
struct TransferTests {
    @Test("A clone has every version, keys of its own, trusts its origin's, and can go on")
    func clone() async throws {
        let fixture = try await TransferFixture()
        try await fixture.workOn()
        let keys = try KeyFolder.create(at: fixture.source.folder("clone-keys"))
        let root = fixture.source.folder("clone")
        let outcome = try Registry.clone(
            fixture.source.root, to: root, keys: keys, now: TinyRegistry.now, progress: { _ in })
        #expect(outcome.report.failure == nil)
        let clone = TinyRegistry(root: root, outside: fixture.source.outside)
        #expect(try TransferFixture.tips(clone) == TransferFixture.tips(fixture.source))
        #expect(TransferFixture.objects(clone) == TransferFixture.objects(fixture.source))
        try TransferFixture.expectClean(clone, "clone", withGit: true)
        let registry = try clone.open()
        let original = try fixture.source.open()
        #expect(registry.description.id != original.description.id)
        #expect(try registry.origin()?.registry == original.description.id)
        #expect(try original.origin() == nil)
        let operatorKey = try fixture.source.keys().operatorKey.verifyingKey.identifier
        #expect(outcome.adopted.contains { $0.fingerprint == operatorKey && $0.role == "operator" })
        #expect(try registry.log(nil).map(\.commit) == original.log(nil).map(\.commit))
        _ = try registry.pull(
            Revision("faces@certified"), to: clone.folder("pulled"), allowingUncertified: false,
            progress: { _ in })
        let version = try await registry.publish(
            fixture.source.otherModelFolder, as: "dogs", engine: FakeEngine(), keys: keys,
            now: TinyRegistry.now, progress: { _ in })
        #expect(version.name == "dogs@v1")
        try TransferFixture.expectClean(clone, "after publishing into the clone")
    }

    @Test("Only what is missing travels, and it is counted to the byte")
    func onlyMissing() async throws {
        let fixture = try await TransferFixture()
        try await fixture.workOn()
        let before = TransferFixture.objects(fixture.target)
        let missing = TransferFixture.objects(fixture.source).filter { before[$0.key] == nil }
        let report = try fixture.push()
        #expect(report.failure == nil)
        #expect(report.tally.objectCount == missing.count && missing.count > 3)
        #expect(report.tally.objectSizeBytes == missing.values.reduce(0, +))
        #expect(report.lines.map(\.versionCount) == [0, 1, 1, 2])
        #expect(try TransferFixture.tips(fixture.target) == TransferFixture.tips(fixture.source))
        try TransferFixture.expectClean(fixture.target, "push", withGit: true)
        let again = try fixture.push()
        #expect(again.failure == nil && again.tally == TransferTally())
        #expect(again.lines.allSatisfy { if case .same = $0.outcome { true } else { false } })
    }

    @Test("One line alone travels, and fetch does what push does")
    func oneLine() async throws {
        let fixture = try await TransferFixture()
        try await fixture.workOn()
        let report = try fixture.target.open().fetch(
            ["cats"], from: fixture.source.root, keys: fixture.target.keys(), progress: { _ in })
        #expect(report.failure == nil && report.lines.count == 1)
        #expect(try fixture.target.open().models() == ["cats", "faces"])
        #expect(try fixture.target.open().versions(of: "faces").count == 1)
        try TransferFixture.expectClean(fixture.target, "fetch")
        let rest = try fixture.target.open().fetch(
            from: fixture.source.root, keys: fixture.target.keys(), progress: { _ in })
        #expect(rest.failure == nil)
        #expect(try TransferFixture.tips(fixture.target) == TransferFixture.tips(fixture.source))
        let absent = try fixture.push(["dogs"])
        #expect(absent.failure?.code == .notFound)
    }

    @Test("A push that fails at any step leaves a clean registry, and the same push then succeeds")
    func failing() async throws {
        let template = try await TransferFixture()
        try await template.source.publish(
            template.source.otherModelFolder, in: template.source.open())
        let old = try TransferFixture.tips(template.target)
        let new = try TransferFixture.tips(template.source)
        var wholeSizeBytes = 0
        var number = 1
        while true {
            let fixture = try template.copy()
            let failing = FailingStep(number)
            var sent = TransferTally()
            do throws(LetheError) {
                let report = try fixture.push(beforeStep: failing.hook)
                sent = report.tally
                if let failure = report.failure { #expect(failure.code == .diskFull) }
            } catch {
                #expect(error.code == .diskFull, "step \(number): \(error)")
            }
            try TransferFixture.expectClean(fixture.target, "step \(number)")
            for (name, tip) in try TransferFixture.tips(fixture.target) {
                #expect(tip == old[name] || tip == new[name], "step \(number)")
            }
            let report = try fixture.push()
            #expect(report.failure == nil, "step \(number)")
            #expect(try TransferFixture.tips(fixture.target) == new)
            if !failing.hasFailed {
                wholeSizeBytes = sent.objectSizeBytes
                break
            }
            number += number < 12 ? 1 : 3
        }
        #expect(number > 30 && wholeSizeBytes > 0)
    }

    @Test("A clone that fails at any step goes on when it is called again")
    func failingClone() async throws {
        let fixture = try await TransferFixture()
        let keys = try KeyFolder.create(at: fixture.source.folder("clone-keys"))
        var number = 1
        while true {
            let folder = try TemporaryFolder()
            let clone = TinyRegistry(
                root: folder.url.appending(path: "clone"), outside: fixture.source.outside)
            func run(_ hook: @escaping BeforeStep) throws(LetheError) -> CloneOutcome {
                try Registry.clone(
                    fixture.source.root, to: clone.root, keys: keys, now: TinyRegistry.now,
                    beforeStep: hook, progress: { _ in })
            }
            let failing = FailingStep(number)
            let outcome = try? run(failing.hook)
            if let outcome, failing.hasFailed {
                // Tidying up after the log may fail without harm.
                let isDone =
                    try TransferFixture.tips(clone) == TransferFixture.tips(fixture.source)
                #expect(outcome.report.failure?.code == (isDone ? nil : .diskFull))
            }
            let again = try run({ (_) throws(LetheError) in })
            #expect(again.report.failure == nil, "step \(number)")
            #expect(try TransferFixture.tips(clone) == TransferFixture.tips(fixture.source))
            if number % 4 == 1 || !failing.hasFailed {
                try TransferFixture.expectClean(clone, "after step \(number)")
            }
            if !failing.hasFailed { break }
            number += 6
        }
        #expect(number > 40)
    }

    @Test("Lines that went on in both registries are a conflict that names both versions")
    func diverged() async throws {
        let fixture = try await TransferFixture()
        try await fixture.source.publish(
            fixture.source.otherModelFolder, in: fixture.source.open())
        let registry = try fixture.target.open()
        try await fixture.target.publish(fixture.other(3), in: registry)
        let before = try TransferFixture.tips(fixture.target)
        let failure = try #require(try fixture.push().failure)
        #expect(failure.code == .conflict && failure.code.exitCode == 6)
        let theirs = try #require(try fixture.source.open().tip(of: "faces")).commit.hex.prefix(12)
        let ours = try #require(try registry.tip(of: "faces")).commit.hex.prefix(12)
        for part in ["faces@v2 (\(theirs))", "faces@v2 (\(ours))", "faces@v1 ("] {
            #expect(failure.message.contains(part), "\(failure)")
        }
        #expect(try TransferFixture.tips(fixture.target) == before)
        try TransferFixture.expectClean(fixture.target, "diverged")
        // Behind is no conflict: there is nothing to move.
        let back = try fixture.target.open().fetch(
            ["datasets/people"], from: fixture.source.root, keys: fixture.target.keys(),
            progress: { _ in })
        #expect(back.failure == nil)
    }

    @Test("A registry that is ahead keeps what it has")
    func ahead() async throws {
        let fixture = try await TransferFixture()
        try await fixture.source.publish(
            fixture.source.otherModelFolder, in: fixture.source.open())
        let report = try fixture.source.open().fetch(
            from: fixture.target.root, keys: fixture.source.keys(), progress: { _ in })
        #expect(report.failure == nil && report.tally == TransferTally())
        #expect(try fixture.source.open().versions(of: "faces").count == 2)
    }

    @Test("Two different models of the same name are refused, not mixed")
    func unrelated() async throws {
        let fixture = try await TransferFixture()
        let registry = try fixture.source.open()
        try await fixture.source.publish(as: "cats", in: registry)
        try await fixture.target.publish(fixture.other(5), as: "cats", in: fixture.target.open())
        let failure = try #require(try fixture.push(["cats"]).failure)
        #expect(failure.code == .refused && failure.message.contains("no version in common"))
        try TransferFixture.expectClean(fixture.target, "unrelated")
    }

    @Test("Of two pushes at once, one wins, and the other is told of a conflict")
    func twoPushes() async throws {
        let template = try await TransferFixture()
        for round in 0..<4 {
            let first = try template.copy()
            let second = try first.with(source: template.source.copy())
            try await first.source.publish(first.other(1), in: first.source.open())
            try await second.source.publish(second.other(2), in: second.source.open())
            let reports = try await withThrowingTaskGroup(of: TransferReport.self) { group in
                for fixture in [first, second] { group.addTask { try fixture.push() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let failures = reports.compactMap(\.failure)
            #expect(failures.map(\.code) == [.conflict], "round \(round): \(failures)")
            #expect(try first.target.open().versions(of: "faces").count == 2)
            try TransferFixture.expectClean(first.target, "round \(round)")
        }
    }
}

extension TransferFixture {
    /// A model folder with weights of its own.
    func other(_ shift: Int) throws -> URL {
        let folder = source.folder("model-\(shift)")
        try TinyModel.write(to: folder, shift: Float(shift) / 8)
        return folder
    }
}
