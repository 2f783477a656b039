import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("A lineage as git and ssh-keygen see it", .enabled(if: Program.has("git", "ssh-keygen")))
struct GitTests {
    let tiny: TinyRegistry

    init() async throws {
        tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
    }

    private func git(_ arguments: String..., in name: String = "lineage.git") throws -> Program {
        let signers = tiny.root.appending(path: "keys/allowed_signers").path
        return try Program.run(
            "git",
            ["-c", "gpg.format=ssh", "-c", "gpg.ssh.allowedSignersFile=\(signers)"] + arguments,
            in: tiny.root.appending(path: name))
    }

    @Test("git verify-commit accepts every commit of every line by the registry's own keys")
    func verifyCommit() throws {
        let commits = try git("rev-list", "--all").output.split(separator: "\n")
        #expect(commits.count == 5)
        for commit in commits {
            let answer = try git("verify-commit", "--raw", String(commit))
            #expect(answer.status == 0, "\(answer.errors)")
            #expect((answer.output + answer.errors).contains("Good \"git\" signature for operator"))
        }
    }

    @Test("git verify-commit refuses the commits by another registry's keys")
    func strangersKeys() throws {
        let other = try TinyRegistry()
        let signers = other.root.appending(path: "keys/allowed_signers").path
        let answer = try Program.run(
            "git",
            [
                "-c", "gpg.format=ssh", "-c", "gpg.ssh.allowedSignersFile=\(signers)",
                "verify-commit", "faces",
            ], in: tiny.root.appending(path: "lineage.git"))
        #expect(answer.status != 0)
    }

    @Test("git fsck --strict finds nothing to complain of")
    func fsck() throws {
        let answer = try git("fsck", "--strict", "--no-dangling")
        #expect(answer.status == 0)
        #expect(answer.output.isEmpty, "\(answer.output)")
    }

    @Test("git log shows one sentence a person understands and trailers a program reads")
    func log() throws {
        let graph = try git("log", "--graph", "--format=%s", "faces")
        #expect(
            graph.output == """
                * Certify faces@v2: 1 request holds
                * Forget class 1 of faces
                * Publish faces

                """)
        let trailers = try git("log", "--format=%(trailers:only,unfold)", "faces")
        let id = try tiny.open().versions(of: "faces")[1].manifest.requests[0]
        for line in [
            "Lethe-Operation: forget", "Lethe-Version: faces@v2", "Lethe-Request: \(id)",
            "Lethe-Operation: certify", "Lethe-Version: faces@v3",
        ] { #expect(trailers.output.contains(line + "\n")) }
    }

    @Test("A plain clone is a model repository whose git-lfs pointer names the pulled file")
    func clone() throws {
        let answer = try Program.run(
            "git",
            [
                "-c", "filter.lfs.smudge=", "-c", "filter.lfs.required=false", "clone", "--quiet",
                "--branch", "faces", tiny.root.appending(path: "lineage.git").path, "clone",
            ],
            in: tiny.root.deletingLastPathComponent())
        #expect(answer.status == 0, "\(answer.errors)")
        let clone = tiny.folder("clone")
        let pulled = tiny.folder("pulled")
        _ = try tiny.open().pull(
            Revision("faces"), to: pulled, allowingUncertified: false, progress: { _ in })
        for name in ["config.json", "preprocessor_config.json", "README.md"] {
            #expect(
                try Data(contentsOf: clone.appending(path: name))
                    == Data(contentsOf: pulled.appending(path: name)))
        }
        let weights = try Data(contentsOf: pulled.appending(path: TinyModel.weightsName))
        let pointer = try String(
            contentsOf: clone.appending(path: TinyModel.weightsName), encoding: .utf8)
        #expect(
            pointer == """
                version https://git-lfs.github.com/spec/v1
                oid sha256:\(Digest(hashing: weights).hex)
                size \(weights.count)

                """)
        let names = try FileManager.default.contentsOfDirectory(atPath: clone.path)
        #expect(
            Set(names) == [
                ".git", ".gitattributes", ".lethe", "README.md", "config.json", "model.safetensors",
                "preprocessor_config.json",
            ])
    }

    @Test("git-lfs itself reads the pointer", .enabled(if: Program.has("git-lfs")))
    func largeFilePointer() throws {
        let pointer = try git("show", "faces:\(TinyModel.weightsName)").output
        let file = tiny.folder("pointer")
        try Data(pointer.utf8).write(to: file)
        let answer = try Program.run(
            "git", ["lfs", "pointer", "--check", "--strict", "--file", file.path],
            in: tiny.root.appending(path: "lineage.git"))
        #expect(answer.status == 0, "\(answer.errors)")
    }
}
