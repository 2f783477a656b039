import Foundation
import LetheAudit
import LetheRecords
import TestSupport
import Testing

@Suite(
    "Evidence that other tools check",
    .enabled(if: Program.has("git", "ssh-keygen", "openssl", "python3")))
struct PackTests {
    private func pack(_ scene: AuditScene) throws -> URL {
        let source = try scene.source()
        let folder = scene.tiny.folder("evidence")
        try EvidencePack.write(
            LineageAudit(source).run(), from: source, to: folder, at: TinyRegistry.now)
        return folder
    }

    private func check(_ folder: URL, _ more: [String] = []) throws -> Program {
        try Program.run(
            "python3",
            [Locations.package.appending(path: "scripts/check-evidence").path, folder.path] + more,
            in: folder.deletingLastPathComponent())
    }

    @Test("ssh-keygen and openssl accept the pack, and notice what was changed in it")
    func checked() async throws {
        let scene = try await AuditScene()
        let folder = try pack(scene)
        let good = try check(folder)
        #expect(good.status == 0, "\(good.output) \(good.errors)")
        #expect(good.output.contains("2 certificates"), "\(good.output)")
        for path in [
            "commits/faces/v3.commit", "certificates/faces/v3.json", "manifests/faces/v5.json",
            "proofs/faces/v5.tlog-proof", "log/checkpoint",
        ] {
            let file = folder.appending(path: path)
            let bytes = try Data(contentsOf: file)
            var changed = bytes
            changed[bytes.count / 2] ^= 1
            try changed.write(to: file)
            // Without the list of digests, so that the signatures have to tell.
            let answer = try check(folder, ["--without-sums"])
            #expect(answer.status == 1, "\(path) \(answer.output)")
            try bytes.write(to: file)
        }
    }

    @Test("sha256sum reads the list of digests")
    func sums() async throws {
        let scene = try await AuditScene()
        let folder = try pack(scene)
        let answer = try Program.run(
            "sha256sum", ["--check", "--quiet", "SHA256SUMS"], in: folder)
        #expect(answer.status == 0, "\(answer.output) \(answer.errors)")
    }

    @Test("The command audits a registry, and its exit code tells")
    func command() async throws {
        let scene = try await AuditScene()
        let program = Locations.products.appending(path: "lethe-audit")
        let page = scene.tiny.folder("report.html")
        let good = try Program.run(
            program,
            [
                scene.tiny.root.path, "--policy", scene.policyFile.path, "--html", page.path,
                "--json", "--save", scene.tiny.folder("checkpoint").path,
            ], in: scene.tiny.outside)
        #expect(good.status == 0, "\(good.errors) \(good.output)")
        #expect(try StrictJSON.parse(Array(good.output.utf8))["clean"]?.boolValue == true)
        #expect(FileManager.default.fileExists(atPath: page.path))
        try scene.rewrite("README.md", to: Array("new".utf8))
        let bad = try Program.run(program, [scene.tiny.root.path], in: scene.tiny.outside)
        #expect(bad.status == 4 && bad.output.contains("does NOT hold"))
        let none = try Program.run(
            program, ["registry/lineage.git"], in: scene.tiny.root.deletingLastPathComponent())
        #expect(none.status == 2 && none.errors.contains("--trusted"), "\(none.errors)")
    }
}
