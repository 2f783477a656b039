import Foundation
import LetheCertificates
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Auditing the history")
struct AuditTests {
    let tiny: TinyRegistry

    /// Seven entries: publish, dataset, forget, the announced judgement, certify, what that revokes,
    /// and another model.
    init() async throws {
        tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
        try await tiny.publish(tiny.otherModelFolder, as: "other", in: registry)
    }

    private var log: URL { tiny.root.appending(path: "log") }

    private func codes(_ tiny: TinyRegistry, against saved: [UInt8]? = nil) throws -> Set<String> {
        Set(try tiny.open().audit(against: saved).findings.map(\.code))
    }

    /// Replaces log/ of one registry by that of another.
    private func replaceLog(of tiny: TinyRegistry, by other: URL) throws {
        let target = tiny.root.appending(path: "log")
        try FileManager.default.removeItem(at: target)
        try FileManager.default.copyItem(at: other, to: target)
    }

    @Test("A registry as it was written is clean, and extends every checkpoint it ever had")
    func clean() async throws {
        let registry = try tiny.open()
        let report = try registry.audit()
        #expect(report.findings.isEmpty && report.size == 7, "\(report.findings)")
        #expect(report.origin == "lethe/\(registry.description.id)")
        var saved = [try registry.checkpoint()]
        for classes in [[2], [3]] {
            try await tiny.forget(classes, in: registry)
            saved.append(try registry.checkpoint())
        }
        for (number, checkpoint) in saved.enumerated() {
            let report = try registry.audit(against: checkpoint)
            #expect(report.findings.isEmpty && report.savedSize == 7 + number)
        }
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("A changed bit in any file of the log is noticed by an audit")
    func changedByte() throws {
        let registry = try tiny.open()
        var count = 0
        for (number, url) in files(below: log).enumerated() {
            let good = try Data(contentsOf: url)
            let stride = url.path.contains("entries") ? 11 : 3
            for position in Swift.stride(from: number, to: good.count, by: stride) {
                var changed = good
                changed[position] ^= UInt8(1 << (position % 8))
                try changed.write(to: url)
                #expect(try !registry.audit().isClean, "byte \(position) of \(url.path)")
                count += 1
            }
            try good.write(to: url)
            try FileManager.default.removeItem(at: url)
            #expect(try !registry.audit().isClean, "without \(url.path)")
            try good.write(to: url)
        }
        #expect(try tiny.open().audit().findings.isEmpty)
        print("changed \(count) bytes of the log")
    }

    @Test("An older checkpoint put back is noticed, with and without a saved one")
    func replayed() async throws {
        let old = try tiny.copy()
        let registry = try tiny.open()
        try await tiny.forget([2], in: registry)
        let saved = try registry.checkpoint()
        try Data(old.open().checkpoint()).write(to: log.appending(path: "checkpoint"))
        #expect(try codes(tiny).isSuperset(of: ["version-not-logged", "log-leftover"]))
        let cut = try tiny.open().audit(against: saved).findings.first { $0.code == "log-cut" }
        #expect(
            cut?.message.contains("entries 7 to 7 are gone") == true, "\(String(describing: cut))")
        #expect(cut?.message.contains("the first is model faces v4") == true)
    }

    @Test("A log and a lineage cut back together agree; only the saved checkpoint tells")
    func cutTogether() async throws {
        let old = try tiny.copy()
        try await tiny.forget([2], in: tiny.open())
        let saved = try tiny.open().checkpoint()
        #expect(try old.open().audit().findings.isEmpty)
        let report = try old.open().audit(against: saved)
        #expect(report.findings.map(\.code) == ["log-cut"])
        #expect(!report.isClean && report.size == 7 && report.savedSize == 8)
    }

    @Test("Two histories that part are told from each other, at the same size and behind it")
    func forked() async throws {
        let fork = try tiny.copy()
        try await tiny.forget([2], in: tiny.open())
        try await fork.forget([3], in: fork.open())
        let saved = try tiny.open().checkpoint()
        #expect(try codes(fork, against: saved) == ["log-forked"])
        try await fork.forget([2], in: fork.open())
        #expect(try codes(fork, against: saved) == ["log-rewritten"])
    }

    @Test("A log of another history of the same length is named, entry by entry")
    func swapped() async throws {
        let fork = try tiny.copy()
        try await tiny.forget([2], in: tiny.open())
        try await fork.forget([3], in: fork.open())
        let saved = try tiny.open().checkpoint()
        try replaceLog(of: tiny, by: fork.root.appending(path: "log"))
        let report = try tiny.open().audit(against: saved)
        let differs = try #require(report.findings.first { $0.code == "log-entry-differs" })
        #expect(differs.place == "log entry 7")
        #expect(differs.message.contains("model faces v4"))
        #expect(differs.message.contains("request"))
        let forked = report.findings.first { $0.code == "log-forked" }
        #expect(forked?.message.contains("Entry 7 of the log") == true)
        #expect(try !tiny.check(tiny.open()).isClean)
    }

    @Test("A line moved back in git is noticed, and named")
    func movedBack() throws {
        let reference = tiny.root.appending(path: "lineage.git/refs/heads/faces")
        let tip = try tiny.open().tip(of: "faces")
        let parent = try #require(tip?.parent)
        try Data((parent.hex + "\n").utf8).write(to: reference)
        let report = try tiny.open().audit()
        #expect(report.findings.map(\.code) == ["version-gone"])
        #expect(report.findings.first?.message.contains("model faces v3") == true)
    }

    @Test("A removed log is damage where one is due; nothing can be written then")
    func removed() async throws {
        try FileManager.default.removeItem(at: log)
        #expect(try codes(tiny) == ["log-missing"])
        #expect(try !tiny.open().audit().isClean)
        await expect(.integrity) { try await tiny.forget([2], in: tiny.open()) }
        await expect(.integrity) { _ = try tiny.open().checkpoint() }
    }

    @Test("A checkpoint of another registry, or signed by a stranger, is refused")
    func strangers() async throws {
        let stranger = try TinyRegistry()
        let foreign = try stranger.open().checkpoint()
        await expect(.refused) { _ = try tiny.open().audit(against: foreign) }
        let checkpoint = Checkpoint(origin: try tiny.open().logOrigin, size: 0, root: .empty)
        let forged = try SignedCheckpoint.sign(checkpoint, with: SigningKey())
        await expect(.refused) { _ = try tiny.open().audit(against: forged) }
        try Data(forged).write(to: log.appending(path: "checkpoint"))
        #expect(try codes(tiny) == ["log-checkpoint-refused"])
        await expect(.refused) { try await tiny.forget([2], in: tiny.open()) }
    }

    @Test("A conflict names the version that was first, and logs nothing")
    func conflict() async throws {
        let tiny = tiny
        let engine = FakeEngine { () async throws(LetheError) in
            try await tiny.forget([2], in: tiny.open())
        }
        let error = await expect(.conflict) {
            try await tiny.forget([3], engine: engine, in: tiny.open())
        }
        #expect(error?.message.contains("faces@v4") == true, "\(String(describing: error))")
        #expect(error?.code.exitCode == 6)
        #expect(try tiny.open().audit().size == 8)
        #expect(try tiny.open().audit().findings.isEmpty)
    }

    @Test("Writers of different models at once are all in the log")
    func concurrent() async throws {
        let tiny = tiny
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...8 {
                group.addTask { try await tiny.publish(as: "model-\(number)", in: tiny.open()) }
            }
            try await group.waitForAll()
        }
        let report = try tiny.open().audit()
        #expect(report.size == 15 && report.findings.isEmpty, "\(report.findings)")
    }

    @Test("A packed registry is logged when it is unpacked", .enabled(if: Program.has("git")))
    func packed() throws {
        let root = tiny.folder("unpacked")
        let made = try Registry.create(
            at: root, fromPacked: Locations.package.appending(path: "registry/sample"),
            defaults: tiny.defaults, policy: "default", keys: tiny.keys(), now: TinyRegistry.now)
        let report = try made.audit()
        #expect(report.findings.isEmpty, "\(report.findings)")
        let datasets = try made.datasets().count
        let versions = try made.models().flatMap { try made.versions(of: $0) }
        #expect(report.size >= versions.count + datasets && !versions.isEmpty)
        for version in versions { _ = try made.proof(of: version) }
    }

    @Test("The log holds digests only: no name of a class, no file name, no path")
    func secrecy() throws {
        let entries = try Data(
            contentsOf: log.appending(path: "tile/entries/000.p/7"))
        for word in TinyModel.classNames + ["safetensors", "Lethe <", "SSH"] {
            #expect(entries.range(of: Data(word.utf8)) == nil, "\(word)")
        }
    }
}

@Suite("What the log proves")
struct LogVerbTests {
    let tiny: TinyRegistry

    init() async throws {
        tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], now: Timestamp(secondsSince1970: 1_800_000_100), in: registry)
        try await tiny.certify(in: registry)
        try await tiny.forget([2], now: Timestamp(secondsSince1970: 1_800_000_300), in: registry)
    }

    @Test("Every version has a proof that holds without the registry, and only for itself")
    func proofs() throws {
        let registry = try tiny.open()
        let trusted = try tiny.keys().trustedKeys()
        for version in try registry.versions(of: "faces") {
            let file = try registry.proof(of: version).fileBytes
            let leaf = try LogProof(fileBytes: file).check(trusted: trusted)
            #expect(leaf.record == version.manifestDigest)
            #expect(leaf.number == version.manifest.number)
            #expect(leaf.previous == version.manifest.parent)
        }
    }

    @Test("A pulled folder holds the proof of its certificate; another version's is refused")
    func pulled() async throws {
        let registry = try tiny.open()
        let target = tiny.folder("pulled")
        _ = try registry.pull(
            Revision("faces"), to: target, allowingUncertified: false, progress: { _ in })
        let certificate = target.appending(path: Registry.certificateName)
        let keys = tiny.root.appending(path: "keys/allowed_signers")
        _ = try CertificateFiles.check(
            certificate: certificate, folder: target, allowedSigners: keys)
        let proof = target.appending(path: Registry.proofName)
        #expect(FileManager.default.fileExists(atPath: proof.path))
        let other = tiny.folder("other.tlog-proof")
        try Data(registry.proof(of: registry.resolve(Revision("faces@v2"))).fileBytes)
            .write(to: other)
        await expect(.integrity) {
            _ = try CertificateFiles.check(
                certificate: certificate, folder: target, allowedSigners: keys, proof: other)
        }
        // Who trusts only the verifier can still check the certificate.
        let verifier = try tiny.keys().verifierKey.verifyingKey
        let alone = tiny.folder("verifier_only")
        try Data(
            TrustedKeys([TrustedKeys.Entry(role: .verifier, key: verifier)]).allowedSigners.utf8
        ).write(to: alone)
        _ = try CertificateFiles.check(
            certificate: certificate, folder: target, allowedSigners: alone)
        await expect(.refused) {
            _ = try CertificateFiles.check(
                certificate: certificate, folder: target, allowedSigners: alone, proof: proof)
        }
    }

    @Test("What an alias pointed at, at any second, follows from the log in its order")
    func aliases() async throws {
        let registry = try tiny.open()
        let moves = try registry.aliasHistory("faces")
        // The certificate's clock was behind the one of the forget before it.
        #expect(
            moves.map { "\($0.alias.rawValue) v\($0.number) \($0.since.secondsSince1970)" } == [
                "latest v1 1800000000", "latest v2 1800000100", "latest v3 1800000100",
                "certified v3 1800000100", "latest v4 1800000300",
            ])
        func at(_ seconds: Int64, _ alias: Alias) throws -> String {
            let moment = Timestamp(secondsSince1970: 1_800_000_000 + seconds)
            return try registry.resolve("faces", alias, at: moment).name
        }
        #expect(try at(0, .latest) == "faces@v1" && at(99, .latest) == "faces@v1")
        #expect(try at(100, .latest) == "faces@v3" && at(299, .latest) == "faces@v3")
        #expect(try at(300, .latest) == "faces@v4" && at(9999, .latest) == "faces@v4")
        #expect(try at(100, .certified) == "faces@v3" && at(9999, .certified) == "faces@v3")
        await expect(.notFound) { _ = try at(99, .certified) }
        await expect(.notFound) { _ = try at(-1, .latest) }
        await expect(.notFound) { _ = try registry.aliasHistory("nobody") }
        let moment = Timestamp(secondsSince1970: 1_800_000_050)
        #expect(try registry.show(Revision("faces"), at: moment).version.name == "faces@v1")
        await expect(.invalidArgument) {
            _ = try registry.show(Revision("faces@v1"), at: moment)
        }
    }
}
