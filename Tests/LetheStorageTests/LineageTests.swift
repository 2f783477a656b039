import Dispatch
import Foundation
import LetheRecords
import Synchronization
import TestSupport
import Testing

@testable import LetheStorage

@Suite("The lineage, with git itself as the judge")
struct LineageTests {
    let fixture: StorageFixture
    let storage: RegistryStorage
    var lineage: Lineage { storage.lineage }

    init() throws {
        fixture = try StorageFixture()
        storage = try fixture.open()
    }

    private func git(_ arguments: String...) throws -> Command {
        try Command.run("git", arguments, in: storage.layout.lineage)
    }

    private func draft(
        _ tree: [String: String], parents: [CommitID] = [], message: String = "Publish a model\n"
    ) throws -> CommitDraft {
        var paths: [TreePath: [UInt8]] = [:]
        for (path, text) in tree { paths[try TreePath(path)] = Array(text.utf8) }
        return CommitDraft(
            tree: paths, parents: parents, message: message,
            author: CommitAuthor(name: "Ada", email: "ada@example.org"),
            secondsSince1970: 1_700_000_000)
    }

    private func write(_ draft: CommitDraft) throws -> CommitID {
        try lineage.writeCommit(draft, sign: StorageFixture.fakeSigner)
    }

    @Test(
        "git fsck --strict, git log and git cat-file accept what was written",
        .enabled(if: Command.has("git"), "needs git"))
    func plainGit() throws {
        let first = try write(
            draft(["README.md": "one\n", ".lethe/version.json": "{}", "a/b/c": "deep"]))
        let line = try ReferenceName.model("faces")
        try lineage.moveReference(line, from: nil, to: first)
        let second = try write(draft(["README.md": "two\n"], parents: [first], message: "Second\n"))
        try lineage.moveReference(line, from: first, to: second)
        let data = try ReferenceName.dataset("cifar10")
        try lineage.moveReference(data, from: nil, to: first)

        let check = try git("fsck", "--strict", "--full")
        #expect(check.status == 0, "\(check.output)")
        let log = try git("log", "--format=%H %an <%ae> %at %s", "faces")
        #expect(
            log.output == """
                \(second) Ada <ada@example.org> 1700000000 Second
                \(first) Ada <ada@example.org> 1700000000 Publish a model

                """)
        #expect(try git("cat-file", "-p", "\(first):a/b/c").output == "deep")
        #expect(try git("rev-parse", "refs/datasets/cifar10").output == "\(first)\n")
        let clone = try Command.run(
            "git", ["clone", "-q", "-b", "faces", storage.layout.lineage.path, "clone"],
            in: fixture.temporary.url)
        #expect(clone.status == 0, "\(clone.output)")
    }

    @Test(
        "git verify-commit accepts a commit that was signed by ssh-keygen",
        .enabled(if: Command.has("git") && Command.has("ssh-keygen"), "needs git and ssh-keygen"))
    func verifyCommit() throws {
        let folder = fixture.temporary.url
        _ = try Command.run(
            "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", "key"], in: folder)
        let commit = try lineage.writeCommit(draft(["README.md": "signed\n"])) {
            (bytes) throws(LetheError) in
            let message = folder.appending(path: "message")
            try? Data(bytes).write(to: message)
            _ = try? Command.run(
                "ssh-keygen", ["-q", "-Y", "sign", "-f", "key", "-n", "git", "message"],
                in: folder)
            return (try? String(contentsOf: folder.appending(path: "message.sig"), encoding: .utf8))
                ?? ""
        }
        let publicKey = try String(contentsOf: folder.appending(path: "key.pub"), encoding: .utf8)
        let signers = folder.appending(path: "signers")
        try Data("ada@example.org \(publicKey)".utf8).write(to: signers)
        let verdict = try git(
            "-c", "gpg.ssh.allowedSignersFile=\(signers.path)", "verify-commit", commit.hex)
        #expect(verdict.status == 0, "\(verdict.output)")
        let signature = try #require(try lineage.signature(of: commit))
        #expect(signature.text.hasPrefix("-----BEGIN SSH SIGNATURE-----\n"))
        #expect(
            try [UInt8](Data(contentsOf: folder.appending(path: "message")))
                == signature.signedBytes)
    }

    @Test("What was written is read back: commit, files, history")
    func reading() throws {
        let first = try write(draft(["b.txt": "b", "a/x.txt": "x"]))
        let second = try write(draft(["b.txt": "c"], parents: [first], message: "Two\n\nK: v\n"))
        let line = try ReferenceName.model("faces")
        try lineage.moveReference(line, from: nil, to: second)
        #expect(try lineage.target(of: line) == second)
        #expect(try lineage.files(at: first).map(\.path) == ["a/x.txt", "b.txt"])
        #expect(try lineage.readFile(TreePath("a/x.txt"), at: first) == Array("x".utf8))
        #expect(try lineage.readFile(TreePath("a/x.txt"), at: second) == nil)
        let history = try lineage.history(of: line)
        #expect(history.map(\.id) == [second, first])
        #expect(history[0].summary == "Two")
        #expect(history[0].message == "Two\n\nK: v\n")
        #expect(history[0].author == CommitAuthor(name: "Ada", email: "ada@example.org"))
        #expect(try lineage.history(of: line, limit: 1).count == 1)
        #expect(try lineage.history(of: ReferenceName.model("none")).isEmpty)
        #expect(try lineage.signature(of: first)?.text.contains("SSH SIGNATURE") == true)
    }

    @Test("The same draft gives the same commit")
    func deterministic() throws {
        #expect(try write(draft(["a": "1"])) == write(draft(["a": "1"])))
    }

    @Test("A file above 1 MiB, paths that collide, and a file that is also a folder are refused")
    func refusedTrees() throws {
        var error = #expect(throws: LetheError.self) {
            try write(draft(["big": String(repeating: "x", count: Lineage.blobLimitBytes + 1)]))
        }
        #expect(error?.code == .malformed)
        error = #expect(throws: LetheError.self) { try write(draft(["README": "", "readme": ""])) }
        #expect(error?.code == .refused)
        error = #expect(throws: LetheError.self) { try write(draft(["a": "", "a/b": ""])) }
        #expect(error?.code == .refused)
    }

    @Test("A signer that fails leaves no commit behind any reference")
    func failingSigner() throws {
        #expect(throws: LetheError.self) {
            try lineage.writeCommit(draft(["a": "1"])) { (_) throws(LetheError) in
                throw LetheError(code: .refused, message: "No key.")
            }
        }
        #expect(try lineage.references().isEmpty)
    }

    @Test("A reference moves only from where the caller thinks it is; the error names the other")
    func compareAndSwap() throws {
        let first = try write(draft(["a": "1"]))
        let second = try write(draft(["a": "2"], parents: [first]))
        let third = try write(draft(["a": "3"], parents: [first]))
        let line = try ReferenceName.model("faces")
        try lineage.moveReference(line, from: nil, to: first)
        for wrong in [nil, second] {
            let error = #expect(throws: LetheError.self) {
                try lineage.moveReference(line, from: wrong, to: third)
            }
            #expect(error?.code == .conflict)
            #expect(error?.code.exitCode == 6)
            #expect(error?.message.contains(first.hex.prefix(12)) == true)
        }
        #expect(try lineage.target(of: line) == first)
        try lineage.moveReference(line, from: first, to: second)
        #expect(try lineage.target(of: line) == second)
    }

    @Test("Of eight writers on one model exactly one wins, whether the model is new or not")
    func manyWriters() throws {
        let line = try ReferenceName.model("faces")
        var expected: CommitID?
        for round in 0..<5 {
            let parent = expected
            let results = Mutex<[Result<CommitID, LetheError>]>([])
            DispatchQueue.concurrentPerform(iterations: 8) { writer in
                let result = Result { () throws(LetheError) in
                    let own = try fixture.open().lineage
                    let commit = try own.writeCommit(
                        CommitDraft(
                            tree: [TreePath("a"): Array("\(round) \(writer)".utf8)],
                            parents: parent.map { [$0] } ?? [], message: "Write\n",
                            author: CommitAuthor(name: "W", email: "w@example.org"),
                            secondsSince1970: 1),
                        sign: StorageFixture.fakeSigner)
                    try own.moveReference(line, from: parent, to: commit)
                    return commit
                }
                results.withLock { $0.append(result) }
            }
            let all = results.withLock { $0 }
            let winners = all.compactMap { try? $0.get() }
            #expect(winners.count == 1)
            for case .failure(let error) in all { #expect(error.code == .conflict, "\(error)") }
            expected = try lineage.target(of: line)
            #expect(expected == winners.first)
        }
    }

    @Test("git's lock of a writer that died is taken over; that of a living git is not")
    func abandonedLock() throws {
        let commit = try write(draft(["a": "1"]))
        let line = try ReferenceName.model("faces")
        let gitLock = storage.layout.lineage.appending(path: "\(line).lock")
        try Data().write(to: gitLock)
        let error = #expect(throws: LetheError.self) {
            try lineage.moveReference(line, from: nil, to: commit)
        }
        #expect(error?.code == .conflict)
        // A writer that was killed leaves its note in the lock file.
        let note = storage.layout.locks.appending(path: "refs-heads-faces")
        try Data("held by process 99999\n".utf8).write(to: note)
        try lineage.moveReference(line, from: nil, to: commit)
        #expect(try lineage.target(of: line) == commit)
    }
}

@Suite("One changed byte in a git object")
struct ChangedGitByteTests {
    @Test("Every byte of every object is noticed, unless git too finds the content unchanged")
    func everyByte() throws {
        let fixture = try StorageFixture()
        let storage = try fixture.open()
        for number in 1...2 {
            try fixture.publish(safetensors([("a", 100, Float(number))]), in: storage)
        }
        let repository = fixture.root.appending(path: "lineage.git")
        let folder = repository.appending(path: "objects")
        var (count, spellings) = (0, 0)
        for path in FolderListing.paths(below: folder.path) {
            let url = folder.appending(path: path)
            let name = path.filter { $0 != "/" }
            let good = try Data(contentsOf: url)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o644], ofItemAtPath: url.path)
            for position in good.indices {
                var changed = good
                changed[position] ^= UInt8(1 << (position % 8))
                try changed.write(to: url)
                count += 1
                guard (try? LooseObject.verify(name, in: repository.path)) != nil else { continue }
                // Compression can say the same bytes in several ways; git compares the content.
                spellings += 1
                let git = try Program.run("git", ["cat-file", "-e", name], in: repository)
                #expect(git.status == 0, "byte \(position) of \(name)")
            }
            try good.write(to: url)
        }
        #expect(count > 1_000 && spellings * 20 < count)
        print("changed \(count) bytes of git objects, \(spellings) without changing the content")
    }
}
