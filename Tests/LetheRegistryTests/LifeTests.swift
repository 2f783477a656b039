import Foundation
import LetheCertificates
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("The life of a model, from its first version to a certified pull")
struct LifeTests {
    @Test("Two requests, one after the other, are honoured, certified, traced and pulled")
    func life() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        let first = try await tiny.publish(in: registry)
        let dataset = try await tiny.addDataset(in: registry)
        #expect(first.name == "faces@v1" && first.parent == nil)
        #expect(
            dataset.record.splits.map(\.classSampleCounts) == [
                Array(repeating: TinyDataset.testCount, count: TinyModel.classCount),
                Array(repeating: TinyDataset.trainCount, count: TinyModel.classCount),
            ])

        let second = try await tiny.forget([2], in: registry)
        let third = try #require(try await tiny.certify(in: registry).certified)
        let fourth = try await tiny.forget([0, 1], in: registry)
        let fifth = try #require(try await tiny.certify(in: registry).certified)

        #expect([second, third, fourth, fifth].map(\.name) == (2...5).map { "faces@v\($0)" })
        #expect(fifth.manifest.requests.count == 2)
        #expect(fifth.manifest.requests.first == third.manifest.requests.first)
        #expect(third.manifest.files.map(\.path) == second.manifest.files.map(\.path))
        #expect(third.manifest.files.map(\.digest) == second.manifest.files.map(\.digest))
        #expect(fourth.manifest.delta?.base == third.weightsDigest)
        #expect(
            try registry.log(TinyRegistry.model).map(\.operation)
                == ["certify", "forget", "certify", "forget", "publish"])
        #expect(
            try registry.versions(of: TinyRegistry.model).map(\.commit)
                == [first, second, third, fourth, fifth].map(\.commit))
        try checkTrace(registry, requests: fifth.manifest.requests)
        try checkShow(registry)

        let target = tiny.folder("pulled")
        let outcome = try registry.pull(
            Revision(TinyRegistry.model), to: target, allowingUncertified: false,
            progress: { _ in })
        #expect(outcome.version.name == "faces@v5" && outcome.isCertified)
        let checked = try CertificateFiles.check(
            certificate: target.appending(path: Registry.certificateName), folder: target,
            allowedSigners: tiny.root.appending(path: "keys/allowed_signers"))
        #expect(checked.verdict.requests.map(\.id) == fifth.manifest.requests)
        #expect(checked.verdict.report.forgotten.map(\.accuracy) == [0, 0])

        let report = try tiny.check(registry)
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(report.orphanCount == 0)
    }

    private func checkTrace(_ registry: Registry, requests: [String]) throws {
        let trace = try registry.trace(requests[0])
        let (first, entries) = (trace.request, trace.entries)
        #expect(first.classes == [2])
        #expect(entries.map(\.contains) == [true, false, false, false, false])
        #expect(entries.map(\.isCertified) == [false, false, true, false, true])
        let next = try registry.trace(requests[1])
        let (second, later) = (next.request, next.entries)
        #expect(second.classes == [0, 1])
        #expect(later.map(\.contains) == [true, true, true, false, false])
        let error = #expect(throws: LetheError.self) { try registry.trace("r-000000000000") }
        #expect(error?.code == .notFound)
    }

    private func checkShow(_ registry: Registry) throws {
        let details = try registry.show(Revision("faces@v4"))
        #expect(details.requests.map(\.classes) == [[2], [0, 1]] && details.verdict == nil)
        #expect(details.version.manifest.run?.method == "fake")
        let certified = try registry.show(Revision("faces@certified"))
        #expect(certified.verdict?.version == 4 && certified.verdict?.tier == 1)
        #expect(certified.verdict?.notTested.isEmpty == false)
    }

    @Test("A revision is a number, latest, certified or the first digits of a commit")
    func revisions() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        let first = try await tiny.publish(in: registry)
        let second = try await tiny.publish(tiny.otherModelFolder, in: registry)
        for (text, version) in [
            ("faces", second), ("faces@latest", second), ("faces@v1", first),
            ("faces@\(first.commit.hex.prefix(7))", first), ("faces@\(first.commit.hex)", first),
        ] {
            #expect(try registry.resolve(Revision(text)).commit == version.commit, "\(text)")
        }
        for text in ["faces@v3", "faces@nonsense", "faces@\(first.commit.hex.prefix(6))"] {
            await expect(.notFound) { _ = try registry.resolve(Revision(text)) }
        }
        await expect(.refused) { _ = try registry.resolve(Revision("faces@certified")) }
        let unknown = await expect(.notFound) { _ = try registry.resolve(Revision("cats")) }
        #expect(unknown?.remedy?.contains("faces") == true)
        for text in ["", "@v1", "faces@"] {
            await expect(.invalidArgument) { _ = try Revision(text) }
        }
    }

    @Test("Publishing what the newest version already is changes nothing")
    func publishTwice() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        let first = try await tiny.publish(in: registry)
        #expect(try await tiny.publish(in: registry).commit == first.commit)
        #expect(try registry.versions(of: TinyRegistry.model).count == 1)
        let other = try await tiny.publish(tiny.otherModelFolder, in: registry)
        #expect(other.name == "faces@v2" && other.parent == first.commit)
    }

    @Test("A changed model shares every object that did not change with the version before")
    func sharing() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        let before = try tiny.check(registry).objectCount
        try await tiny.publish(tiny.otherModelFolder, in: registry)
        // The tensors are tiny neighbours and one object; their recipe and the card are new too.
        #expect(try tiny.check(registry).objectCount == before + 3)
    }

    @Test("The index can be deleted: opening rebuilds it, and reindex counts every version")
    func reindex() async throws {
        let tiny = try TinyRegistry()
        let expected: [CommitID]
        do {
            let registry = try tiny.open()
            try await tiny.publish(in: registry)
            try await tiny.addDataset(in: registry)
            try await tiny.forget([3], in: registry)
            expected = try registry.log(nil).map(\.commit)
            #expect(try registry.reindex() == 3)
            #expect(try registry.log(nil).map(\.commit) == expected)
        }
        for name in ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm"] {
            try? FileManager.default.removeItem(at: tiny.root.appending(path: name))
        }
        let again = try tiny.open()
        #expect(try again.log(nil).map(\.commit) == expected)
        #expect(try tiny.check(again).findings.isEmpty)
    }

    @Test("A model is trained, published as a fine-tuned version and can be forgotten from")
    func train() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.addDataset(in: registry)
        let order = TrainOrder(
            model: TinyRegistry.model, folder: tiny.modelFolder, dataset: TinyRegistry.dataset,
            excludedClasses: [], recipe: try registry.recipe(named: "strong"), seed: 5,
            place: TinyRegistry.place)
        await expect(.interrupted) {
            _ = try await registry.train(
                order, engine: FakeEngine(stopsAtFirstCheckpoint: true), keys: tiny.keys(),
                now: TinyRegistry.now, progress: { _ in })
        }
        #expect(try registry.models().isEmpty)
        let version = try await registry.train(
            order, engine: FakeEngine(stopsAtFirstCheckpoint: true), keys: tiny.keys(),
            now: TinyRegistry.now, progress: { _ in })
        #expect(version.manifest.operation == .finetune && version.manifest.run?.seed == 5)
        try await tiny.forget([0], in: registry)
        #expect(try await tiny.certify(in: registry).certified != nil)
        #expect(try tiny.check(registry).findings.isEmpty)
        let left = try FileManager.default.contentsOfDirectory(
            atPath: tiny.root.appending(path: "work").path)
        #expect(left.isEmpty)
    }

    @Test("A line with its own policies names those there are when asked for another")
    func documents() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        let recipe = await expect(.notFound) { _ = try registry.recipe(named: "medium") }
        #expect(recipe?.remedy?.contains("strong, weak") == true)
        let policy = await expect(.notFound) { _ = try registry.policy(named: "strict") }
        #expect(policy?.remedy?.contains("default") == true)
    }
}

extension Version {
    /// The digest of its weights file.
    var weightsDigest: Digest? {
        manifest.files.first { $0.path == TinyModel.weightsName }?.digest
    }
}
