import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("git and git-lfs", .enabled(if: Program.has("git", "git-lfs"), "needs git and git-lfs"))
struct GitClientTests {
    private func git(_ arguments: String..., in folder: URL) throws -> Program {
        try Program.run(
            "git",
            [
                "-c", "filter.lfs.smudge=git-lfs smudge -- %f", "-c", "filter.lfs.required=true",
                "-c", "filter.lfs.process=git-lfs filter-process",
            ] + arguments, in: folder, environment: ["GIT_TERMINAL_PROMPT": "0"])
    }

    @Test("A clone is what pull gives, large files included, and main is the certified version")
    func clone() async throws {
        let tiny = try await TinyRegistry.certified()
        let token = try tiny.token(models: ["faces"])
        let served = try Served(tiny)
        let url = "http://anybody:\(token)@127.0.0.1:\(served.port)/faces.git"
        let cloned = try git("clone", "--quiet", url, "clone", in: tiny.outside)
        #expect(cloned.status == 0, "\(cloned.errors)")
        let clone = tiny.outside.appending(path: "clone")
        let pulled = tiny.outside.appending(path: "pulled")
        let registry = try tiny.open()
        _ = try registry.pull(
            Revision("faces"), to: pulled, allowingUncertified: false, progress: { _ in })
        for name in ["config.json", "model.safetensors", "README.md"] {
            #expect(
                try Data(contentsOf: clone.appending(path: name))
                    == Data(contentsOf: pulled.appending(path: name)), "\(name)")
        }
        let references = try git("for-each-ref", "--format=%(refname)", in: clone)
        #expect(
            references.output.split(separator: "\n").sorted() == [
                "refs/heads/main", "refs/remotes/origin/HEAD", "refs/remotes/origin/main",
                "refs/tags/v3",
            ], "neither a revoked version nor another line has a reference")
        let head = try git("rev-parse", "HEAD", in: clone).output
        #expect(try head.hasPrefix(registry.resolve(Revision("faces@v3")).commitName))
        #expect(try git("lfs", "fsck", in: clone).status == 0)
    }

    @Test("Weights of a revoked version are gone, and the answer names what to take instead")
    func revoked() async throws {
        let tiny = try await TinyRegistry.certified()
        let served = try Served(tiny, "--public")
        let old = try #require(
            try tiny.open().resolve(Revision("faces@v1")).manifest.files
                .first { $0.path == "model.safetensors" })
        let batch = """
            {"operation":"download","transfers":["basic"],"objects":[
            {"oid":"\(old.digest.hex)","size":\(old.sizeBytes)},
            {"oid":"\(String(repeating: "0", count: 64))","size":1},{"oid":"../../x","size":1}]}
            """
        let answer = try served.curl(
            "/faces.git/info/lfs/objects/batch", "--data-binary", batch, "-H",
            "Content-Type: application/vnd.git-lfs+json")
        #expect(answer.status == 200)
        let objects = try StrictJSON.parse(Array(answer.body))["objects"]?.arrayValue ?? []
        #expect(objects.map { $0["error"]?["code"]?.integerValue } == [410, 404, 404])
        #expect(objects[0]["error"]?["message"]?.stringValue?.contains("Pull faces@v3") == true)
        let path = "/faces.git/info/lfs/objects/\(old.digest.hex)"
        #expect(try served.curl(path).status == 410)
    }

    @Test("Nothing is pushed, and nothing is fetched that no reference leads to")
    func refused() async throws {
        let tiny = try await TinyRegistry.certified()
        let registry = try tiny.open()
        try await tiny.publish(tiny.otherModelFolder, as: "secret", in: registry)
        let secret = try registry.resolve(Revision("secret")).commitName
        let token = try tiny.token(models: ["faces"])
        let served = try Served(tiny)
        let url = "http://anybody:\(token)@127.0.0.1:\(served.port)/faces.git"
        #expect(try git("clone", "--quiet", url, "clone", in: tiny.outside).status == 0)
        let clone = tiny.outside.appending(path: "clone")
        for version in ["0", "2"] {
            let fetched = try git(
                "-c", "protocol.version=\(version)", "fetch", "--quiet", "origin", secret, in: clone
            )
            #expect(fetched.status != 0)
            #expect(try git("cat-file", "-e", secret, in: clone).status != 0)
        }
        let pushed = try git("push", "origin", "HEAD:refs/heads/x", in: clone)
        #expect(pushed.status != 0)
        let other = url.replacing("faces.git", with: "secret.git")
        #expect(try git("clone", "--quiet", other, "other", in: tiny.outside).status != 0)
        let giant = tiny.outside.appending(path: "giant")
        try Data(repeating: UInt8(ascii: "["), count: 4 << 20).write(to: giant)
        for path in ["/faces.git/info/lfs/objects/batch", "/faces.git/git-upload-pack"] {
            let answer = try served.curl(
                path, "-u", "x:\(token)", "--data-binary", "@\(giant.path)")
            #expect(answer.status != 200)
        }
        #expect(try served.curl("/health").status == 200)
    }
}
