import Foundation
import LetheRecords
import TestSupport
import Testing

/// The blocks of docs/guides/quick-start.md, by their headings.
private let blocks: [String: String] = {
    let page = Locations.package.appending(path: "docs/guides/quick-start.md")
    let text = (try? String(contentsOf: page, encoding: .utf8)) ?? ""
    var found: [String: String] = [:]
    for section in text.components(separatedBy: "\n## ").dropFirst() {
        let heading = section.prefix { $0 != "\n" }
        let halves = section.components(separatedBy: "```")
        if halves.count >= 2 { found[String(heading)] = String(halves[1].dropFirst(3)) }
    }
    return found
}()

@Suite("The quick starts, as they stand in their page")
struct QuickStartTests {
    /// A registry with `faces`, certified, and what serves it.
    private struct Stand {
        let scene: Scene
        let served: ServedScene

        init(model: URL? = nil, adapter: URL? = nil, isPublic: Bool = true) throws {
            scene = try Scene()
            try scene.prepare(model, as: "faces")
            if let adapter {
                let published = try scene.run("publish", "adapter", adapter.path, "--quiet")
                try #require(published.status == 0, "\(published.errors)")
            }
            served = try ServedScene(scene, isPublic: isPublic)
        }

        /// Runs a block with a shell, as somebody would who has installed what it needs.
        func run(_ heading: String, python: URL? = nil) throws -> Program {
            let block = try #require(blocks[heading], "there is no such heading")
            let lines = block.split(separator: "\n")
            try #require(lines.count == 3, "three commands each")
            let script = lines.filter { !$0.hasPrefix("pip install") }.joined(separator: "\n")
                .replacing("http://127.0.0.1:8080", with: "http://127.0.0.1:\(served.port)")
                .replacing("lethe_…", with: served.token)
            let programs = (python ?? Scene.lethe).deletingLastPathComponent().path
            let folder = try TemporaryFolder()
            if ["transformers", "timm", "peft"].contains(heading) {
                try Data(PythonClients.torchvisionPrelude.utf8).write(
                    to: folder.url.appending(path: "sitecustomize.py"))
            }
            return try Program.run(
                "bash", ["-euc", script], in: folder.url,
                environment: [
                    "PATH": "\(programs):/usr/bin:/bin",
                    "HF_HOME": folder.url.appending(path: "cache").path,
                    "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1",
                    "PYTHONPATH": folder.url.path,
                ])
        }
    }

    private func expectSuccess(_ program: Program, saying words: String) {
        #expect(program.status == 0, "\(program.errors)")
        #expect(program.output.contains(words), "\(program.output)")
    }

    @Test(
        "hf, huggingface_hub", .enabled(if: PythonClients.hub != nil, "needs scripts/hub-client"))
    func hub() throws {
        let stand = try Stand()
        expectSuccess(try stand.run("hf", python: PythonClients.hub), saying: "Downloaded")
        expectSuccess(
            try stand.run("huggingface_hub", python: PythonClients.hub), saying: "snapshots")
    }

    @Test(
        "transformers",
        .enabled(if: PythonClients.with("transformers") != nil, "needs scripts/python-clients"))
    func transformers() throws {
        let python = PythonClients.with("transformers")
        expectSuccess(try Stand().run("transformers", python: python), saying: "5")
    }

    @Test(
        "timm",
        .enabled(
            if: PythonClients.with("timm", "torchvision") != nil, "needs scripts/python-clients"))
    func timm() throws {
        let python = try #require(PythonClients.with("timm", "torchvision"))
        let folder = try TemporaryFolder()
        let made = try Program.run(
            python,
            [
                "-c",
                PythonClients.torchvisionPrelude + """

                    import timm
                    from timm.models import save_for_hf
                    shape = dict(img_size=16, patch_size=4, embed_dim=12, depth=2, num_heads=3)
                    net = timm.create_model("vit_tiny_patch16_224", num_classes=5, **shape)
                    save_for_hf(net, "net", model_args=shape, safe_serialization=True)
                    """,
            ], in: folder.url)
        try #require(made.status == 0, "\(made.errors)")
        let stand = try Stand(model: folder.url.appending(path: "net"))
        expectSuccess(try stand.run("timm", python: python), saying: "5")
    }

    @Test(
        "peft",
        .enabled(
            if: PythonClients.with("peft", "transformers") != nil, "needs scripts/python-clients"))
    func peft() throws {
        let python = try #require(PythonClients.with("peft", "transformers"))
        let folder = try TemporaryFolder()
        let source = Locations.fixtures.appending(path: "vision/models/vit")
        let made = try Program.run(
            python,
            [
                "-c",
                PythonClients.torchvisionPrelude + """

                    import peft
                    from transformers import AutoModelForImageClassification as Model
                    terms = peft.LoraConfig(target_modules=["classifier"], r=2)
                    net = peft.get_peft_model(Model.from_pretrained("\(source.path)"), terms)
                    net.save_pretrained("adapter")
                    """,
            ], in: folder.url)
        try #require(made.status == 0, "\(made.errors)")
        let stand = try Stand(adapter: folder.url.appending(path: "adapter"))
        expectSuccess(try stand.run("peft", python: python), saying: "default")
    }

    @Test(
        "git and git-lfs",
        .enabled(if: Program.has("git", "git-lfs"), "needs git and git-lfs"))
    func git() throws {
        expectSuccess(try Stand().run("git and git-lfs"), saying: "OK")
    }

    @Test("curl", .enabled(if: Program.has("curl"), "needs curl"))
    func curl() throws {
        expectSuccess(try Stand().run("curl"), saying: "payloadType")
    }

    @Test("Lethe itself")
    func lethe() throws {
        let pulled = try Stand().run("Lethe itself")
        expectSuccess(pulled, saying: "Pulled faces@v3")
    }

    @Test(
        "A browser is asked for the token", .enabled(if: Program.has("chromium"), "needs chromium"))
    func browser() throws {
        let stand = try Stand(isPublic: false)
        let block = try #require(blocks["A browser"])
        let lines = block.split(separator: "\n").map(String.init)
        #expect(lines.count == 3 && lines[1] == "lethe serve")
        let words = lines[0].split(separator: " ").dropFirst().map(String.init)
        #expect(try stand.scene.json(words)["token"]?.stringValue?.hasPrefix("lethe_") == true)
        let address = try #require(lines[2].split(separator: " ").last)
            .replacing("http://127.0.0.1:8080", with: "http://127.0.0.1:\(stand.served.port)")
        let shown = try Program.run(
            "chromium",
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom", String(address)],
            in: stand.scene.temporary.url)
        expectSuccess(shown, saying: "action=\"/sign-in\"")
    }
}
