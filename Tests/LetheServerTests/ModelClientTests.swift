import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

private let python = PythonClients.with("timm", "peft", "torchvision")

@Suite("timm and peft", .enabled(if: python != nil, "needs scripts/python-clients"))
struct ModelClientTests {
    /// What both scripts begin with.
    private static let prelude =
        PythonClients.torchvisionPrelude + """

            import os, subprocess, sys
            from huggingface_hub.errors import GatedRepoError
            def revoke():
                subprocess.run(
                    [os.environ["LETHE"], "revoke", "net@v1", "--reason", "A mistake."], check=True)
            def same(these, those):
                assert these.keys() == those.keys() and len(these) > 0
                assert all(torch.equal(these[name], those[name]) for name in these)
            """

    /// Runs Python with an empty cache; a server is where the Hub would be.
    private func run(
        _ script: String, _ tiny: TinyRegistry, _ served: Served? = nil
    ) throws -> Program {
        let folder = try TemporaryFolder()
        var environment = [
            "HF_HOME": folder.url.path, "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1", "LETHE": Served.lethe.path,
            "LETHE_REGISTRY": tiny.root.path, "LETHE_KEYS": tiny.keysFolder.path,
        ]
        environment["HF_ENDPOINT"] = served?.url
        return try Program.run(
            try #require(python), ["-c", Self.prelude + "\n" + script], in: tiny.outside,
            environment: environment)
    }

    /// Publishes a folder as the real command does, as `net@v1`.
    private func publish(_ folder: String, _ tiny: TinyRegistry) throws {
        let published = try Program.run(
            Served.lethe,
            [
                "publish", "net", folder, "--registry", tiny.root.path, "--keys",
                tiny.keysFolder.path,
            ], in: tiny.outside)
        try #require(published.status == 0, "\(published.errors)")
    }

    @Test("timm.create_model gives the published weights, and nothing once they are revoked")
    func timm() throws {
        let tiny = try TinyRegistry()
        let made = try run(
            """
            import timm
            from timm.models import save_for_hf
            shape = dict(img_size=32, embed_dim=48, depth=1)
            net = timm.create_model("vit_tiny_patch16_224", num_classes=3, **shape)
            save_for_hf(net, "net", model_args=shape, safe_serialization=True)
            """, tiny)
        try #require(made.status == 0, "\(made.errors)")
        try publish("net", tiny)
        let served = try Served(tiny, "--public", "--uncertified")
        let pulled = try run(
            """
            import timm
            from safetensors.torch import load_file
            net = timm.create_model("hf-hub:lethe/net@v1", pretrained=True, cache_dir="first")
            same(net.state_dict(), load_file("net/model.safetensors"))
            revoke()
            try:
                timm.create_model("hf-hub:lethe/net@v1", pretrained=True, cache_dir="second")
            except GatedRepoError as error:
                assert "revoked" in str(error), error
            else:
                raise AssertionError("a revoked version was given out")
            """, tiny, served)
        #expect(pulled.status == 0, "\(pulled.errors)")
    }

    @Test("PeftModel.from_pretrained gives the published adapter, and nothing once it is revoked")
    func peft() throws {
        let tiny = try TinyRegistry()
        let base = """
            import peft
            class Base(torch.nn.Module):
                def __init__(self):
                    super().__init__()
                    self.name_or_path = "somebody/base"
                    self.dense = torch.nn.Linear(8, 4)
                def forward(self, x): return self.dense(x)

            """
        let made = try run(
            base
                + """
                terms = peft.LoraConfig(target_modules=["dense"], r=2, init_lora_weights=False)
                peft.get_peft_model(Base(), terms).save_pretrained("adapter")
                """, tiny)
        try #require(made.status == 0, "\(made.errors)")
        try publish("adapter", tiny)
        let served = try Served(tiny, "--public", "--uncertified")
        let pulled = try run(
            base
                + """
                from safetensors.torch import load_file
                def pull(cache):
                    return peft.PeftModel.from_pretrained(
                        Base(), "lethe/net", revision="v1", cache_dir=cache)
                same(
                    peft.get_peft_model_state_dict(pull("first")),
                    load_file("adapter/adapter_model.safetensors"))
                revoke()
                try:
                    pull("second")
                except ValueError as error:
                    assert isinstance(error.__context__, GatedRepoError), error
                    assert "revoked" in str(error.__context__), error
                else:
                    raise AssertionError("a revoked version was given out")
                """, tiny, served)
        #expect(pulled.status == 0, "\(pulled.errors)")
    }
}
