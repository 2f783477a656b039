import Foundation
import LetheCertificates
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("A source registry with damage, or with intent")
struct HostileSourceTests {
    @Test("A flipped byte, a torn or a missing object: reported, and the target stays clean")
    func objects() async throws {
        let template = try await Self.template()
        let before = TransferFixture.objects(template.target)
        let old = try TransferFixture.tips(template.target)
        let missing = TransferFixture.objects(template.source).keys
            .filter { before[$0] == nil }.sorted()
        #expect(missing.count > 2)
        for (number, name) in missing.enumerated() {
            let fixture = try template.copy()
            let url = fixture.source.root.appending(
                path: "objects/sha256/\(name.prefix(2))/\(name.dropFirst(2))")
            try Self.damage(url, number % 3)
            let failure = try #require(try fixture.push().failure, "\(name)")
            #expect(failure.code == .integrity && failure.remedy != nil, "\(failure)")
            #expect(try TransferFixture.tips(fixture.target) == old)
            try TransferFixture.expectClean(fixture.target, "object \(number)")
            try? FileManager.default.removeItem(at: url)
            let intact = template.source.root.appending(
                path: "objects/sha256/\(name.prefix(2))/\(name.dropFirst(2))")
            try FileManager.default.copyItem(at: intact, to: url)
            #expect(try fixture.push().failure == nil)
        }
    }

    @Test("A flipped byte in a git object, or one that is missing: reported, and nothing arrives")
    func gitObjects() async throws {
        let template = try await Self.template()
        let old = try TransferFixture.tips(template.target)
        let known = Set(Self.gitObjects(template.target))
        let missing = Self.gitObjects(template.source).filter { !known.contains($0) }
        #expect(missing.count > 3)
        for (number, path) in missing.enumerated() {
            let fixture = try template.copy()
            try Self.damage(
                fixture.source.root.appending(path: "lineage.git/objects/\(path)"), number % 3)
            let failure = try #require(
                try fixture.target.open().fetch(
                    from: fixture.source.root, keys: fixture.target.keys(), progress: { _ in }
                ).failure, "\(path)")
            #expect(failure.code == .integrity, "\(failure)")
            #expect(try TransferFixture.tips(fixture.target) == old)
            try TransferFixture.expectClean(fixture.target, path, withGit: true)
        }
    }

    @Test("A loop in the lineage ends the transfer, not the program")
    func loop() async throws {
        let fixture = try await Self.template()
        let versions = try fixture.source.open().versions(of: "faces")
        // The parent's file now says that its parent is itself a child of the child.
        let objects = fixture.source.root.appending(path: "lineage.git/objects")
        let (parent, child) = (versions[0].commit.hex, versions[1].commit.hex)
        let target = objects.appending(path: "\(parent.prefix(2))/\(parent.dropFirst(2))")
        try FileManager.default.removeItem(at: target)
        try FileManager.default.copyItem(
            at: objects.appending(path: "\(child.prefix(2))/\(child.dropFirst(2))"), to: target)
        let root = fixture.source.folder("clone")
        let keys = try KeyFolder.create(at: fixture.source.folder("clone-keys"))
        let outcome = try Registry.clone(
            fixture.source.root, to: root, keys: keys, now: TinyRegistry.now, progress: { _ in })
        #expect(outcome.report.failure?.code == .integrity)
        #expect(try outcome.registry.models().isEmpty)
        #expect(try outcome.registry.datasets() == ["people"])
        try TransferFixture.expectClean(TinyRegistry(root: root, outside: root), "loop")
    }

    @Test("A reference at a missing object, or full of nonsense, is reported; the others arrive")
    func references() async throws {
        let template = try await Self.template()
        for text in [String(repeating: "1", count: 40) + "\n", "nonsense"] {
            let fixture = try template.copy()
            try Data(text.utf8).write(
                to: fixture.source.root.appending(path: "lineage.git/refs/heads/broken"))
            let report = try fixture.target.open().fetch(
                from: fixture.source.root, keys: fixture.target.keys(), progress: { _ in })
            #expect(report.failure?.code == .integrity)
            #expect(report.lines.map(\.versionCount) == [0, 0, 1])
            #expect(try fixture.target.open().versions(of: "faces").count == 2)
            #expect(try fixture.target.open().models() == ["faces"])
            try TransferFixture.expectClean(fixture.target, text)
        }
    }

    @Test(
        "A signed commit with a path that leaves the folder, a link or a hidden executable",
        .enabled(if: Program.has("git"), "needs git"),
        arguments: ["100644 ..", "100644 .git", "120000 model", "100755 run.sh", "100644 a\\b"])
    func paths(_ entry: String) async throws {
        let fixture = try await TransferFixture()
        let before = Self.gitObjects(fixture.target)
        try Self.commit(entry: entry, in: fixture.source)
        let report = try fixture.target.open().fetch(
            ["evil"], from: fixture.source.root, keys: fixture.target.keys(), progress: { _ in })
        let failure = try #require(report.failure)
        #expect(failure.code == .refused, "\(failure)")
        #expect(Self.gitObjects(fixture.target) == before)
        try TransferFixture.expectClean(fixture.target, entry, withGit: true)
    }

    @Test("Versions that no trusted operator signed are refused before any of them is copied")
    func untrusted() async throws {
        let fixture = try await TransferFixture()
        let stranger = try TinyRegistry()
        try await stranger.publish(as: "cats", in: stranger.open())
        let before = Self.gitObjects(fixture.target)
        let report = try fixture.target.open().fetch(
            from: stranger.root, keys: fixture.target.keys(), progress: { _ in })
        #expect(report.failure?.code == .refused && report.tally == TransferTally())
        #expect(Self.gitObjects(fixture.target) == before)
        // Nor may a stranger push with keys that the target does not trust.
        await expect(.refused) {
            _ = try stranger.open().push(
                to: fixture.target.root, keys: stranger.keys(), progress: { _ in })
        }
        #expect(try fixture.target.open().models() == ["faces"])
    }

    @Test("A pinned key must have signed the trusted keys; a changed list is no list")
    func pins() async throws {
        let tiny = try TinyRegistry()
        try await tiny.publish(in: tiny.open())
        let keys = try KeyFolder.create(at: tiny.folder("clone-keys"))
        func clone(_ pins: [String]) throws(LetheError) -> CloneOutcome {
            try Registry.clone(
                tiny.root, to: tiny.folder("clone"), pins: pins, keys: keys,
                now: TinyRegistry.now, progress: { _ in })
        }
        let right = try tiny.keys().operatorKey.verifyingKey.identifier
        let wrong = try tiny.keys().verifierKey.verifyingKey.identifier
        await expect(.refused) { _ = try clone([wrong]) }
        #expect(!FileManager.default.fileExists(atPath: tiny.folder("clone").path))
        #expect(try clone([wrong, right]).report.failure == nil)
        let list = tiny.root.appending(path: "keys/allowed_signers")
        let text = try String(contentsOf: list, encoding: .utf8)
        try Data((text + "# one more line\n").utf8).write(to: list)
        await expect(.integrity) {
            _ = try Registry.clone(
                tiny.root, to: tiny.folder("second"), keys: keys, now: TinyRegistry.now,
                progress: { _ in })
        }
    }

    @Test("A registry of a newer format is refused with the version it needs, and not touched")
    func newer() async throws {
        let fixture = try await TransferFixture()
        let url = fixture.source.root.appending(path: "registry.json")
        try Data(#"{"requires":"7.1","schema":"lethe.registry.v2"}"#.utf8).write(to: url)
        let before = try contents(of: fixture.source.root)
        let errors = [
            await expect(.unsupported) { _ = try fixture.source.open() },
            await expect(.unsupported) {
                _ = try fixture.target.open().fetch(
                    from: fixture.source.root, keys: fixture.target.keys(), progress: { _ in })
            },
            await expect(.unsupported) {
                _ = try fixture.target.open().push(
                    to: fixture.source.root, keys: fixture.target.keys(), progress: { _ in })
            },
        ]
        for error in errors { #expect(error?.message.contains("Lethe 7.1") == true) }
        #expect(try contents(of: fixture.source.root) == before)
    }

    @Test("A registry is not its own source, by whatever path")
    func itself() async throws {
        let fixture = try await TransferFixture()
        let link = fixture.source.folder("link")
        try FileManager.default.createSymbolicLink(
            at: link, withDestinationURL: fixture.source.root)
        for url in [fixture.source.root, link] {
            await expect(.invalidArgument) {
                _ = try fixture.source.open().push(
                    to: url, keys: fixture.source.keys(), progress: { _ in })
            }
        }
    }

    /// The source is one version ahead.
    private static func template() async throws -> TransferFixture {
        let fixture = try await TransferFixture()
        try await fixture.source.publish(
            fixture.source.otherModelFolder, in: fixture.source.open())
        return fixture
    }

    private static func gitObjects(_ tiny: TinyRegistry) -> [String] {
        files(below: tiny.root.appending(path: "lineage.git/objects"))
            .map { $0.pathComponents.suffix(2).joined(separator: "/") }.sorted()
    }

    /// Flips a byte, cuts the end off, or removes a file.
    private static func damage(_ url: URL, _ kind: Int) throws {
        var bytes = [UInt8](try Data(contentsOf: url))
        try FileManager.default.removeItem(at: url)
        switch kind {
        case 0: bytes[bytes.count / 2] ^= 1
        case 1: bytes.removeLast()
        default: return
        }
        try Data(bytes).write(to: url)
    }

    /// Writes a commit whose tree has one hostile entry, signed by the operator, on `evil`.
    private static func commit(entry: String, in tiny: TinyRegistry) throws {
        let repository = tiny.root.appending(path: "lineage.git").path
        let work = tiny.folder("work")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        func write(_ type: String, _ bytes: [UInt8]) throws -> String {
            let file = work.appending(path: "object")
            try Data(bytes).write(to: file)
            let answer = try Program.run(
                "git",
                [
                    "--git-dir", repository, "hash-object", "-t", type, "-w", "--literally",
                    file.path,
                ], in: work)
            try #require(answer.status == 0, "\(answer.errors)")
            return answer.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let blob = try write("blob", Array("text".utf8))
        let id = try #require(Hex.decode(blob))
        let tree = try write("tree", Array("\(entry)\0".utf8) + id)
        let who = "Lethe <lethe@localhost> 1 +0000"
        let head = "tree \(tree)\nauthor \(who)\ncommitter \(who)\n"
        let body = "\nEvil\n"
        let signature = try SSHSignature(
            signing: Array((head + body).utf8), namespace: KeyRole.operator.namespace,
            with: tiny.keys().operatorKey
        ).armored.trimmingCharacters(in: .newlines).replacing("\n", with: "\n ")
        let commit = try write("commit", Array((head + "gpgsig \(signature)\n" + body).utf8))
        let url = tiny.root.appending(path: "lineage.git/refs/heads/evil")
        try Data("\(commit)\n".utf8).write(to: url)
    }
}
