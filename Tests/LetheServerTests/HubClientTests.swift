import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

private let python = PythonClients.hub

@Suite("The Hugging Face client", .enabled(if: python != nil, "needs scripts/hub-client"))
struct HubClientTests {
    /// Runs Python with the client, `HF_ENDPOINT` set and an empty cache.
    private func run(_ script: String, _ served: Served, token: String? = nil) throws -> Program {
        let folder = try TemporaryFolder()
        var environment = [
            "HF_ENDPOINT": served.url, "HF_HOME": folder.url.path,
            "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1",
        ]
        environment["HF_TOKEN"] = token
        return try Program.run(
            try #require(python), ["-c", script], in: folder.url, environment: environment)
    }

    @Test("A snapshot is the certified version, file for file, and its certificate holds")
    func snapshot() async throws {
        let tiny = try await TinyRegistry.certified()
        let token = try tiny.token()
        let served = try Served(tiny)
        let target = tiny.outside.appending(path: "snapshot")
        let answer = try run(
            """
            import shutil
            from huggingface_hub import HfApi, hf_hub_download, snapshot_download
            path = snapshot_download("faces")
            assert path[-40:] == snapshot_download("lethe/faces", revision="v3")[-40:]
            shutil.copytree(path, "\(target.path)", symlinks=False)
            hf_hub_download("faces", "model.tlog-proof", local_dir="\(target.path)-proof")
            api = HfApi()
            assert [m.id for m in api.list_models()] == ["faces"]
            found = api.verify_repo_checksums("faces")
            assert found.checked_count == 5 and not found.mismatches, found
            assert api.file_exists("faces", "config.json")
            from huggingface_hub import ModelCard
            card = ModelCard.load("faces").data
            assert card.base_model == "lethe/faces", card
            assert card.base_model_relation == "finetune", card
            assert not api.file_exists("faces", "none.json")
            """, served, token: token)
        #expect(answer.status == 0, "\(answer.errors)")

        let pulled = tiny.outside.appending(path: "pulled")
        _ = try tiny.open().pull(
            Revision("faces"), to: pulled, allowingUncertified: false, progress: { _ in })
        var names = try FileManager.default.contentsOfDirectory(atPath: pulled.path)
        names.removeAll { $0 == Registry.proofName }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: target.path).sorted()
                == names.sorted())
        for name in names {
            #expect(
                try Data(contentsOf: pulled.appending(path: name))
                    == Data(contentsOf: target.appending(path: name)), "\(name)")
        }
        _ = try CertificateFiles.check(
            certificate: target.appending(path: Registry.certificateName), folder: target,
            allowedSigners: tiny.root.appending(path: "keys/allowed_signers"),
            proof: URL(fileURLWithPath: target.path + "-proof/\(Registry.proofName)"))
    }

    @Test("What may not be pulled is refused in the client's own words, with what to take instead")
    func refusals() async throws {
        let tiny = try await TinyRegistry.certified()
        let registry = try tiny.open()
        try await tiny.publish(tiny.otherModelFolder, as: "raw", in: registry)
        let served = try Served(tiny, "--public")
        let answer = try run(
            """
            from huggingface_hub import hf_hub_download, snapshot_download
            from huggingface_hub import errors
            def expect(kind, words, model, revision=None, file=None):
                try:
                    if file: hf_hub_download(model, file, revision=revision)
                    else: snapshot_download(model, revision=revision)
                except Exception as error:
                    assert type(error) is kind and words in str(error), (type(error), error)
                else:
                    raise AssertionError(f"{model}@{revision} was given out")
            expect(errors.GatedRepoError, "Pull faces@v3", "faces", "v1")
            expect(errors.GatedRepoError, "Pull faces@v3", "lethe/faces", "v2", "config.json")
            expect(errors.GatedRepoError, "raw is certified", "raw")
            expect(errors.GatedRepoError, "raw@v1 is not certified", "raw", "v1")
            expect(errors.RevisionNotFoundError, "no version", "faces", "v9")
            expect(errors.RevisionNotFoundError, "no version", "faces", "0" * 7)
            expect(errors.RepositoryNotFoundError, "no model", "nobody")
            expect(errors.RemoteEntryNotFoundError, "no file", "faces", None, "none.json")
            """, served)
        #expect(answer.status == 0, "\(answer.errors)")
    }

    @Test("A download goes on where it was cut off")
    func resumed() async throws {
        let tiny = try await TinyRegistry.certified()
        let served = try Served(tiny, "--public")
        let answer = try run(
            """
            import os
            from huggingface_hub import get_hf_file_metadata, hf_hub_url
            from huggingface_hub.file_download import http_get
            url = hf_hub_url("faces", "model.safetensors")
            size = get_hf_file_metadata(url).size
            with open("whole", "wb") as file: http_get(url, file, expected_size=size)
            whole = open("whole", "rb").read()
            with open("part", "wb") as file:
                file.write(whole[:100])
                http_get(url, file, resume_size=100, expected_size=size)
            assert open("part", "rb").read() == whole and len(whole) == size
            """, served)
        #expect(answer.status == 0, "\(answer.errors)")
        #expect(try served.logged().contains("\"status\":206"))
    }
}
