import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("Hostile clients")
struct HostileClientTests {
    @Test("No address leads out of the version")
    func traversal() async throws {
        let tiny = try await TinyRegistry.certified()
        let served = try Served(tiny, "--public")
        for path in [
            "/faces/resolve/main/..%2f..%2fregistry.json",
            "/faces/resolve/main/../../registry.json",
            "/faces/resolve/main/%2e%2e/%2e%2e/tokens.json", "/faces/resolve/main/%00config.json",
            "/faces/resolve/main//etc/passwd", "/faces/resolve/main/%2fetc%2fpasswd",
            "/faces/resolve/..%2f..%2fobjects/x", "/..%2f..%2fetc/resolve/main/passwd",
            "/faces/resolve/main/.lethe/version.json", "/faces/resolve/main/.gitattributes",
            "/faces/resolve/main/config.json%20", "/faces/resolve/main/CONFIG.JSON",
            "/somebody/faces/resolve/main/config.json", "/tokens.json", "/keys/allowed_signers",
        ] {
            let answer = try served.curl(path)
            #expect([400, 404].contains(answer.status), "\(path): \(answer.status)")
            #expect(!answer.body.contains(Data("sha256".utf8)))
        }
    }

    @Test("Requests that two programs may read differently are refused, and the connection ends")
    func smuggling() async throws {
        let tiny = try await TinyRegistry.certified()
        let served = try Served(tiny, "--public")
        let hidden = "GET /api/models HTTP/1.1\r\nHost: x\r\n\r\n"
        for head in [
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            "Transfer-Encoding: chunked, identity\r\n",
            "Content-Length : 5\r\n", "Content-Length: -1\r\n", "X: a\r\n b\r\n bad header\r\n",
        ] {
            let connection = try RawConnection(served.port)
            connection.say("GET /health HTTP/1.1\r\nHost: x\r\n\(head)\r\n\(hidden)")
            let heard = connection.hearAll()
            #expect(!heard.contains("modelId"), "\(head)")
        }
        #expect(try served.curl("/health").status == 200)
    }

    @Test("Giant headers, giant bodies and other methods are refused")
    func giants() async throws {
        let tiny = try await TinyRegistry.certified()
        let served = try Served(tiny, "--public")
        let giant = String(repeating: "a", count: 60_000)
        #expect(try served.curl("/health", "-H", "X-Giant: \(giant)").status != 200)
        #expect(try served.curl("/api/models?\(giant.prefix(8000))").status == 400)
        let file = tiny.outside.appending(path: "giant")
        try Data(repeating: UInt8(ascii: "["), count: 8 << 20).write(to: file)
        let posted = try served.curl("/api/models", "-X", "POST", "--data-binary", "@\(file.path)")
        #expect(posted.status == 413 && posted.exit == 0, "the answer arrives whole")
        let said = try StrictJSON.parse([UInt8](posted.body))
        #expect(said["error"]?["message"]?.stringValue?.contains("1048576") == true)
        try Data(repeating: UInt8(ascii: "["), count: 40 << 20).write(to: file)
        #expect(
            try served.curl("/api/models", "-X", "POST", "--data-binary", "@\(file.path)").status
                != 200)
        #expect(try served.curl("/faces/resolve/main/config.json", "-X", "DELETE").status == 405)
        #expect(try served.curl("/health").status == 200)
        #expect(try served.entries(with: "\"status\":413").count == 2)
    }

    @Test("Bodies that are refused or cut off are in the log, without what they held")
    func refusedBodies() async throws {
        let tiny = try await TinyRegistry.certified()
        let served = try Served(tiny, "--public", "--arrival-seconds", "5")
        let announced = try RawConnection(served.port)
        announced.say(
            "POST /api/models?token=hidden HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n")
        #expect(announced.hearAll().contains("413"))
        let grown = try RawConnection(served.port)
        grown.say(
            "POST /api/models?token=hidden HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        let chunk = String(repeating: "secret", count: 1 << 15)
        while grown.say("\(String(chunk.utf8.count, radix: 16))\r\n\(chunk)\r\n") {}
        let late = try RawConnection(served.port)
        late.say("POST /api/models HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
        while !late.hear().isEmpty {}
        let refused = try served.entries(with: "\"status\":413")
        #expect(refused.count == 1 && refused[0].contains("2000000 bytes"))
        let cut = try served.entries(with: "\"message\":\"cut off\"")
        #expect(cut.contains { $0.contains("longer than 1048576") }, "\(cut)")
        #expect(cut.allSatisfy { $0.contains("\"address\":\"/api/models\"") })
        #expect(try served.entries(with: "secret").isEmpty)
        #expect(try served.entries(with: "hidden").isEmpty)
    }

    @Test("Whoever sends too slowly is left, in the head and in the body")
    func slow() async throws {
        let tiny = try await TinyRegistry.certified()
        let served = try Served(tiny, "--public", "--idle-seconds", "1", "--arrival-seconds", "2")
        let head = try RawConnection(served.port)
        head.say("GET /health HTTP/1.1\r\nHost")
        let body = try RawConnection(served.port)
        body.say("GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        let start = Date()
        #expect(head.hearAll().isEmpty)
        while body.say("x"), !body.hear(100).isEmpty {}
        #expect(Date().timeIntervalSince(start) < 10)
    }

    @Test("A damaged object never goes out whole, not even to who asks for its parts")
    func damaged() async throws {
        let tiny = try await TinyRegistry.certified()
        let weights = try #require(
            try tiny.open().released(Revision("faces"), allowingUncertified: false)
                .manifest.files.first { $0.path == "model.safetensors" })
        let objects = tiny.root.appending(path: "objects/sha256")
        let served = try Served(tiny, "--public")
        let path = "/faces/resolve/main/model.safetensors"
        #expect(try served.curl(path).body.count == weights.sizeBytes)
        for case let url as URL in try #require(
            FileManager.default.enumerator(at: objects, includingPropertiesForKeys: nil))
        {
            guard var bytes = try? Data(contentsOf: url), bytes.count > 100 else { continue }
            bytes[bytes.count / 2] ^= 1
            try FileManager.default.removeItem(at: url)
            try bytes.write(to: url)
        }
        for range in ["0-", "0-0", "-1", "10-20"] {
            let answer = try served.curl(path, "-r", range)
            #expect(answer.exit != 0 || answer.status >= 500, "\(range): \(answer.status)")
            #expect(answer.body.isEmpty || answer.status >= 500)
        }
        #expect(try served.logged().contains("integrity"))
    }
}
