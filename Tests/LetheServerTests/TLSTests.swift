import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("TLS from files", .enabled(if: Program.has("openssl", "curl"), "needs openssl and curl"))
struct TLSTests {
    @Test("curl gets the file by TLS if it trusts the certificate, and nothing without TLS")
    func curl() async throws {
        let tiny = try await TinyRegistry.certified()
        let files = try OwnCertificate("own", in: tiny.outside)
        let other = try OwnCertificate("other", in: tiny.outside)
        let served = try Served(tiny, with: ["--public"] + files.arguments)
        let path = "/faces/resolve/main/model.safetensors"
        let whole = try served.curl(path, "--cacert", files.certificate)
        #expect(whole.status == 200 && whole.exit == 0)
        let digest = try tiny.open().resolve(Revision("faces")).manifest.files
            .first { $0.path == "model.safetensors" }?.digest
        #expect(Digest(hashing: Array(whole.body)) == digest)
        let distrusted = try served.curl(path, "--cacert", other.certificate)
        #expect(distrusted.exit == 60 && distrusted.body.isEmpty)
        let old = try served.curl(
            path, "--cacert", files.certificate, "--tlsv1.0", "--tls-max", "1.1")
        #expect(old.exit != 0 && old.body.isEmpty)
        let plain = try RawConnection(served.port)
        plain.say("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(!plain.hearAll().contains("200 OK"))
        #expect(try served.curl("/health", "--cacert", files.certificate).status == 200)
    }

    @Test("Links and cookies say that the server is reached by TLS")
    func links() async throws {
        let tiny = try await TinyRegistry.certified()
        let token = try tiny.token()
        let files = try OwnCertificate("own", in: tiny.outside)
        let served = try Served(tiny, with: files.arguments)
        let signedIn = try served.curl(
            "/sign-in", "--cacert", files.certificate, "-d", "token=\(token)&then=/")
        #expect(signedIn.status == 303 && signedIn.head.contains("; secure"))
        let weights = try #require(
            try tiny.open().resolve(Revision("faces")).manifest.files
                .first { $0.path == "model.safetensors" })
        let batch = """
            {"operation":"download","objects":[
            {"oid":"\(weights.digest.hex)","size":\(weights.sizeBytes)}]}
            """
        let answer = try served.curl(
            "/faces.git/info/lfs/objects/batch", "--cacert", files.certificate, "--data-binary",
            batch, "-u", "x:\(token)", "-H", "Content-Type: application/vnd.git-lfs+json")
        let link = try StrictJSON.parse(Array(answer.body))["objects"]?.arrayValue?.first?[
            "actions"]?["download"]?["href"]?.stringValue
        #expect(link?.hasPrefix(served.url) == true)
    }

    @Test("Not one byte follows a revocation by TLS either")
    func revokedMeanwhile() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        let sizeBytes = try ServingTests.writeLargeModel(to: tiny.modelFolder)
        try await tiny.publish(in: registry)
        let files = try OwnCertificate("own", in: tiny.outside)
        let served = try Served(tiny, with: ["--public", "--uncertified"] + files.arguments)
        // It takes no more than the test reads from it, and a little.
        let client = Process()
        client.executableURL = Program.path(of: "openssl")
        client.arguments = ["s_client", "-quiet", "-connect", "127.0.0.1:\(served.port)"]
        let question = Pipe()
        let answer = Pipe()
        client.standardInput = question
        client.standardOutput = answer
        client.standardError = FileHandle.nullDevice
        try client.run()
        defer { client.waitUntilExit() }
        let request = "GET /faces/resolve/v1/model.safetensors HTTP/1.1\r\nHost: x\r\n\r\n"
        try question.fileHandleForWriting.write(contentsOf: Data(request.utf8))
        let begun = try answer.fileHandleForReading.read(upToCount: 1000)?.count ?? 0
        #expect(begun == 1000)
        _ = try registry.revoke(
            Revision("faces@v1"), reason: "A mistake.", keys: tiny.keys(), now: TinyRegistry.now)
        let rest = try answer.fileHandleForReading.readToEnd()?.count ?? 0
        #expect(begun + rest < sizeBytes, "what had not left the server did not leave it")
        let after = try served.curl(
            "/faces/resolve/v1/config.json", "--cacert", files.certificate)
        #expect(after.status == 403)
        #expect(try served.logged().contains("\"broken\":\"revoked\""))
    }

    @Test("lethe --remote trusts the authority that it is told, and no other")
    func remote() async throws {
        let tiny = try await TinyRegistry.certified()
        let token = try tiny.token("all", scopes: [.admin])
        let files = try OwnCertificate("own", in: tiny.outside)
        let other = try OwnCertificate("other", in: tiny.outside)
        let served = try Served(tiny, with: files.arguments)
        func log(_ arguments: String...) throws -> Program {
            try Program.run(
                Served.lethe, ["--remote", served.url, "log"] + arguments, in: tiny.outside,
                environment: ["LETHE_TOKEN": token])
        }
        let trusted = try log("--certificate-authority", files.certificate)
        #expect(trusted.status == 0, "\(trusted.errors)")
        #expect(trusted.output.contains("faces@v3"))
        for arguments in [[], ["--certificate-authority", other.certificate]] {
            let refused = try Program.run(
                Served.lethe, ["--remote", served.url, "log"] + arguments, in: tiny.outside,
                environment: ["LETHE_TOKEN": token])
            #expect(refused.status == 5 && refused.output.isEmpty)
            #expect(refused.errors.contains("no certificate that is trusted"))
        }
        #expect(try log("--certificate-authority", files.key).errors.contains("no certificate"))
        #expect(try log("--certificate-authority", "none.pem").status == 1)
    }

    @Test("A server does not start with files that are missing, no PEM or of two certificates")
    func wrongOwnCertificate() async throws {
        let tiny = try TinyRegistry()
        let files = try OwnCertificate("own", in: tiny.outside)
        let other = try OwnCertificate("other", in: tiny.outside)
        func serve(_ certificate: String, _ key: String) throws -> Program {
            try Program.run(
                Served.lethe,
                [
                    "serve", "--port", "0", "--public", "--registry", tiny.root.path,
                    "--tls-certificate", certificate, "--tls-key", key,
                ], in: tiny.outside)
        }
        let mixed = try serve(files.certificate, other.key)
        #expect(mixed.status == 2 && mixed.errors.contains("not the certificate's"))
        #expect(try serve("none.pem", files.key).errors.contains("cannot be read"))
        let swapped = try serve(files.key, files.certificate)
        #expect(swapped.status == 1 && swapped.errors.contains("holds no TLS certificate"))
        let secret = try String(contentsOfFile: files.key, encoding: .utf8)
            .split(separator: "\n")[1]
        #expect(!swapped.errors.contains(secret))
        let alone = try Program.run(
            Served.lethe,
            [
                "serve", "--public", "--registry", tiny.root.path, "--tls-key", files.key,
            ], in: tiny.outside)
        #expect(alone.status == 2 && alone.errors.contains("belong together"))
    }
}
