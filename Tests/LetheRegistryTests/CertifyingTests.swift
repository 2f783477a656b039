import Foundation
import LetheCertificates
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Judging and certifying")
struct CertifyingTests {
    let tiny: TinyRegistry
    let registry: Registry

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
    }

    @Test("A gate that does not hold is a result: no certificate, the line as it was")
    func gateFails() async throws {
        let version = try await tiny.forget([1], recipe: "weak", in: registry)
        let outcome = try await tiny.certify(in: registry)
        #expect(outcome.certified == nil && !outcome.report.passed)
        #expect(outcome.judged.commit == version.commit)
        #expect(outcome.report.gates.filter { !$0.held }.map(\.gate) == ["forgotten-upper-bound"])
        #expect(try registry.tip(of: TinyRegistry.model)?.commit == version.commit)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("A candidate costs its delta; certified, its weights stand on nothing else")
    func candidateThenMaterialised() async throws {
        let candidate = try await tiny.forget([1], in: registry)
        let certified = try #require(try await tiny.certify(in: registry).certified)
        func weights(_ version: Version) throws -> StoredFile {
            let file = try #require(
                version.manifest.files.first { $0.path == "model.safetensors" })
            return StoredFile(
                digest: file.digest, sizeBytes: file.sizeBytes, assembly: file.assembly)
        }
        let objects = registry.storage.objects
        #expect(try objects.derivationDepth(of: weights(candidate)) == 1)
        #expect(try objects.derivationDepth(of: weights(certified)) == 0)
        #expect(try weights(candidate).digest == weights(certified).digest)
        #expect(try objects.read(weights(candidate)) == objects.read(weights(certified)))
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("Forgetting again before certifying stands one delta on another")
    func deltaOnDelta() async throws {
        try await tiny.forget([1], in: registry)
        try await tiny.forget([2], in: registry)
        let certified = try #require(try await tiny.certify(in: registry).certified)
        #expect(certified.manifest.requests.count == 2)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("Every new version is judged by all requests of its line, not only the newest")
    func allRequests() async throws {
        try await tiny.forget([1], recipe: "weak", in: registry)
        try await tiny.forget([2], in: registry)
        let outcome = try await tiny.certify(in: registry)
        #expect(outcome.report.forgotten.map(\.accuracy) == [1, 0])
        #expect(outcome.certified == nil)
    }

    @Test("Certificates are numbered over the line, so that the error budget is spent over it")
    func sequence() async throws {
        for (number, label) in [0, 1, 2].enumerated() {
            try await tiny.forget([label], in: registry)
            let outcome = try await tiny.certify(in: registry)
            #expect(outcome.report.sequenceNumber == number + 1)
            let certified = try #require(outcome.certified)
            #expect(
                try registry.certificates(of: certified).keys.sorted()
                    == Array(1...(number + 1)))
        }
    }

    @Test("Verifying writes nothing")
    func verify() async throws {
        let version = try await tiny.forget([1], in: registry)
        let before = try contents(of: tiny.root.appending(path: "lineage.git"))
        let (judged, report) = try await registry.verify(
            JudgeOrder(
                revision: Revision("faces"), dataset: nil,
                policy: registry.policy(named: "default"), place: TinyRegistry.place),
            judge: FakeJudge(), progress: { _ in })
        #expect(judged.commit == version.commit && report.passed)
        #expect(try contents(of: tiny.root.appending(path: "lineage.git")) == before)
        #expect(try tiny.check(registry).orphanCount == 0)
    }

    @Test("Only the newest version can be certified, and only once")
    func wrongVersion() async throws {
        try await tiny.forget([1], in: registry)
        func certify(_ revision: String) async throws {
            _ = try await registry.certify(
                JudgeOrder(
                    revision: Revision(revision), dataset: nil,
                    policy: registry.policy(named: "default"), place: TinyRegistry.place),
                judge: FakeJudge(), keys: tiny.keys(), now: TinyRegistry.now,
                progress: { _ in })
        }
        await expect(.invalidArgument) { try await certify("faces@v1") }
        try await certify("faces@v2")
        await expect(.alreadyExists) { try await certify("faces") }
    }

    @Test("Without a request and without a dataset there is nothing to judge by")
    func noDataset() async throws {
        await expect(.invalidArgument) {
            _ = try await registry.verify(
                JudgeOrder(
                    revision: Revision("faces"), dataset: nil,
                    policy: registry.policy(named: "default"), place: TinyRegistry.place),
                judge: FakeJudge(), progress: { _ in })
        }
    }

    @Test("A verifier that signs with the operator's key is refused, and nothing is written")
    func operatorsKey() async throws {
        let version = try await tiny.forget([1], in: registry)
        let url = tiny.folder("one-key")
        try FileManager.default.copyItem(at: tiny.keysFolder, to: url)
        try FileManager.default.removeItem(at: url.appending(path: "verifier.pem"))
        try FileManager.default.copyItem(
            at: url.appending(path: "operator.pem"), to: url.appending(path: "verifier.pem"))
        let keys = try KeyFolder(contentsOf: url)
        await expect(.refused) { try await tiny.certify(keys: keys, in: registry) }
        #expect(try registry.tip(of: TinyRegistry.model)?.commit == version.commit)
    }

    @Test("Keys of another registry are refused by every verb that writes")
    func strangersKeys() async throws {
        let other = try TinyRegistry()
        let stranger = TinyRegistry(root: tiny.root, outside: other.outside)
        await expect(.refused) { try await stranger.publish(as: "cats", in: registry) }
        await expect(.refused) { try await stranger.addDataset(named: "cats", in: registry) }
        await expect(.refused) {
            try await stranger.forget(
                [1],
                engine: FakeEngine { () async throws(LetheError) in
                    Issue.record("the engine ran before the keys were looked at")
                }, in: registry)
        }
        try await tiny.forget([1], in: registry)
        await expect(.refused) { try await stranger.certify(in: registry) }
        #expect(try registry.models() == [TinyRegistry.model])
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("A judge that measured other weights than the version's certifies nothing")
    func otherWeights() async throws {
        try await tiny.forget([1], in: registry)
        let error = await expect(.integrity) {
            _ = try await registry.certify(
                JudgeOrder(
                    revision: Revision("faces"), dataset: nil,
                    policy: registry.policy(named: "default"), place: TinyRegistry.place),
                judge: ElsewhereJudge(), keys: tiny.keys(), now: TinyRegistry.now,
                progress: { _ in })
        }
        #expect(error?.message.contains("other weights") == true)
    }

    @Test("A certificate of another version in the place of the right one is found by the check")
    func swappedCertificate() async throws {
        try await tiny.forget([1], in: registry)
        let first = try #require(try await tiny.certify(in: registry).certified)
        try await tiny.forget([2], in: registry)
        let second = try #require(try await tiny.certify(in: registry).certified)
        // Somebody with the operator's key writes version 6: certified, with version 3's paper.
        try forge(onto: second, certificate: registry.certificate(of: first))
        let report = try tiny.check(try tiny.open())
        #expect(
            report.findings.map(\.code) == ["integrity", "version-not-logged"],
            "\(report.findings)")
        await expect(.integrity) {
            _ = try tiny.open().pull(
                Revision("faces"), to: tiny.folder("pulled"), allowingUncertified: false,
                progress: { _ in })
        }
    }

    /// Writes a certified version whose certificate is somebody else's, correctly signed.
    private func forge(onto tip: Version, certificate: [UInt8]) throws {
        let lineage = registry.storage.lineage
        var manifest = tip.manifest
        manifest.number += 1
        manifest.parent = tip.manifestDigest
        manifest.certificate = Digest(hashing: certificate)
        var tree: [TreePath: [UInt8]] = [:]
        for file in try lineage.files(at: tip.commit) {
            tree[try TreePath(file.path)] = try lineage.read(file)
        }
        tree[try TreePath(".lethe/version.json")] = try manifest.canonicalBytes()
        tree[try TreePath(".lethe/certificates/3.json")] = certificate
        let key = try tiny.keys().operatorKey
        let commit = try lineage.writeCommit(
            CommitDraft(
                tree: tree, parents: [tip.commit], message: "Certify\n",
                author: CommitAuthor(name: "Lethe", email: "lethe@localhost"),
                secondsSince1970: TinyRegistry.now.secondsSince1970)
        ) { (bytes) throws(LetheError) in
            try SSHSignature(signing: bytes, namespace: "git", with: key).armored
        }
        try lineage.moveReference(.model("faces"), from: tip.commit, to: commit)
    }

    @Test("A commit that nobody signed, or a stranger signed, is found by the check")
    func foreignCommits() async throws {
        let tip = try #require(try registry.tip(of: TinyRegistry.model))
        let lineage = registry.storage.lineage
        var tree: [TreePath: [UInt8]] = [:]
        for file in try lineage.files(at: tip.commit) {
            tree[try TreePath(file.path)] = try lineage.read(file)
        }
        let stranger = SigningKey()
        let commit = try lineage.writeCommit(
            CommitDraft(
                tree: tree, parents: [], message: "Publish\n",
                author: CommitAuthor(name: "Lethe", email: "lethe@localhost"),
                secondsSince1970: TinyRegistry.now.secondsSince1970)
        ) { (bytes) throws(LetheError) in
            try SSHSignature(signing: bytes, namespace: "git", with: stranger).armored
        }
        try lineage.moveReference(.model("faces"), from: tip.commit, to: commit)
        let report = try tiny.check(try tiny.open())
        #expect(report.findings.contains { $0.isDamage && $0.code == "refused" })
    }
}

/// Measures something else than it was given.
private struct ElsewhereJudge: Judge {
    func judge(
        _ task: JudgeTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> JudgeReport {
        var report = try await FakeJudge().judge(task, progress: progress)
        report.weights = Digest(hashing: Array("elsewhere".utf8))
        return report
    }
}
