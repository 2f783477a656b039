import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("Serving")
struct ServingTests {
    private static let weights = "/faces/resolve/main/model.safetensors"

    @Test("Runs of bytes, conditions and heads are answered as RFC 9110 says")
    func conditions() async throws {
        let tiny = try await TinyRegistry.certified()
        let served = try Served(tiny, "--public")
        let whole = try served.curl(Self.weights)
        let size = whole.body.count
        #expect(whole.status == 200 && whole.head.contains("accept-ranges: bytes"))
        let tag = "\"\(Digest(hashing: Array(whole.body)).hex)\""
        #expect(whole.head.contains("etag: \(tag)") && whole.head.contains("x-linked-etag: \(tag)"))

        let run = try served.curl(Self.weights, "-r", "10-19")
        #expect(run.status == 206 && run.body == whole.body[10..<20])
        #expect(run.head.contains("content-range: bytes 10-19/\(size)"))
        #expect(try served.curl(Self.weights, "-r", "-7").body == whole.body.suffix(7))
        let behind = try served.curl(Self.weights, "-r", "\(size)-")
        #expect(behind.status == 416 && behind.head.contains("content-range: bytes */\(size)"))
        #expect(try served.curl(Self.weights, "-r", "0-1,3-4").body == whole.body)

        let same = try served.curl(Self.weights, "-r", "0-3", "-H", "If-Range: \(tag)")
        #expect(same.status == 206)
        let other = try served.curl(Self.weights, "-r", "0-3", "-H", "If-Range: \"other\"")
        #expect(other.status == 200 && other.body == whole.body)
        let known = try served.curl(Self.weights, "-H", "If-None-Match: \(tag)")
        #expect(known.status == 304 && known.body.isEmpty)
        let head = try served.curl(Self.weights, "-I")
        #expect(head.status == 200 && head.head.contains("content-length: \(size)"))
        #expect(try served.curl(Self.weights, "-I", "-r", "0-3").status == 200)
    }

    @Test("What is stored encrypted is served as it was, whole and in runs, with the keys alone")
    func encrypted() async throws {
        let tiny = try await TinyRegistry.certified(encrypting: true)
        let folder = tiny.folder("pulled")
        _ = try tiny.open().pull(
            Revision("faces"), to: folder, allowingUncertified: false, progress: { _ in })
        let weights = try Data(contentsOf: folder.appending(path: "model.safetensors"))
        let alone = tiny.folder("keys-alone")
        try FileManager.default.createDirectory(at: alone, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: tiny.keysFolder.appending(path: "objects"), to: alone.appending(path: "objects"))
        let served = try Served(tiny, "--public", "--keys", alone.path)
        for _ in 0..<2 {
            #expect(try served.curl(Self.weights).body == weights)
            #expect(try served.curl(Self.weights, "-r", "10-19").body == weights[10..<20])
        }
        let without = try Served(tiny, "--public", "--keys", tiny.folder("nothing").path)
        let answer = try without.curl(Self.weights)
        #expect(answer.status != 200 || answer.exit != 0)
        // What it logs is whole when it has ended.
        without.end()
        #expect(try without.logged().contains("object key"))
    }

    @Test("What nobody certified goes only to who names it exactly, where the server is told to")
    func uncertified() async throws {
        let tiny = try TinyRegistry()
        try await tiny.publish(in: tiny.open())
        let closed = try Served(tiny, "--public")
        let open = try Served(tiny, "--public", "--uncertified")
        for revision in ["main", "certified", "latest"] {
            #expect(try open.curl("/faces/resolve/\(revision)/config.json").status == 403)
        }
        let commit = try tiny.open().resolve(Revision("faces")).commitName
        for revision in ["v1", commit, String(commit.prefix(7))] {
            #expect(try closed.curl("/faces/resolve/\(revision)/config.json").status == 403)
            #expect(try open.curl("/faces/resolve/\(revision)/config.json").status == 200)
        }
    }

    @Test("A tag names a version, and is refused where its version is")
    func tags() async throws {
        let tiny = try await TinyRegistry.certified()
        let registry = try tiny.open()
        for (tag, version) in [("good", "faces@v3"), ("old", "faces@v1")] {
            let commit = try registry.resolve(Revision(version)).commitName
            let folder = tiny.root.appending(path: "lineage.git/refs/tags/faces")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("\(commit)\n".utf8).write(to: folder.appending(path: tag))
        }
        let served = try Served(tiny, "--public")
        #expect(try served.curl("/faces/resolve/good/config.json").status == 200)
        #expect(try served.curl("/faces/resolve/old/config.json").status == 403)
    }

    @Test("Not one byte follows a revocation, not even in an answer that has begun")
    func revokedMeanwhile() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        let sizeBytes = try Self.writeLargeModel(to: tiny.modelFolder)
        try await tiny.publish(in: registry)
        let served = try Served(tiny, "--public", "--uncertified")
        let connection = try RawConnection(served.port)
        connection.say("GET /faces/resolve/v1/model.safetensors HTTP/1.1\r\nHost: x\r\n\r\n")
        var count = connection.hear(1000).count
        #expect(count > 0)
        _ = try registry.revoke(
            Revision("faces@v1"), reason: "A mistake.", keys: tiny.keys(), now: TinyRegistry.now)
        while case let more = connection.hear(), !more.isEmpty { count += more.count }
        #expect(count < sizeBytes, "what had not left the server did not leave it")
        #expect(try served.curl("/faces/resolve/v1/config.json").status == 403)
        #expect(try served.logged().contains("\"broken\":\"revoked\""))
    }

    @Test("The server counts what it does, and lets running answers end when it is told to stop")
    func end() async throws {
        let tiny = try TinyRegistry()
        let sizeBytes = try Self.writeLargeModel(to: tiny.modelFolder)
        try await tiny.publish(in: tiny.open())
        let served = try Served(tiny, "--public", "--uncertified", "--open-metrics")
        #expect(try served.curl("/faces/resolve/v1/none").status == 404)
        let metrics = String(decoding: try served.curl("/metrics").body, as: UTF8.self)
        #expect(
            metrics.contains(
                "lethe_http_requests_total{route=\"resolve\",method=\"GET\",status=\"404\"} 1"))
        #expect(!metrics.contains("faces"))
        let connection = try RawConnection(served.port)
        connection.say("GET /faces/resolve/v1/model.safetensors HTTP/1.1\r\nHost: x\r\n\r\n")
        var count = connection.hear(1000).count
        served.terminate()
        while case let more = connection.hear(), !more.isEmpty { count += more.count }
        #expect(count > sizeBytes)
        #expect(served.end() == 0)
        #expect(try served.logged().contains("\"message\":\"stopped\""))
    }

    @Test("A client that takes nothing does not keep the server from stopping")
    func endWithoutTheClient() async throws {
        let tiny = try TinyRegistry()
        _ = try Self.writeLargeModel(to: tiny.modelFolder)
        try await tiny.publish(in: tiny.open())
        let served = try Served(
            tiny, "--public", "--uncertified", "--shutdown-seconds", "1")
        let connection = try RawConnection(served.port)
        connection.say("GET /faces/resolve/v1/model.safetensors HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(!connection.hear(1000).isEmpty)
        #expect(served.end() == 0)
        #expect(try served.logged().contains("\"message\":\"stopped"))
    }

    @Test("A token must be there before anybody is served, unless the server is public")
    func nobody() throws {
        let tiny = try TinyRegistry()
        let refused = try Program.run(
            Served.lethe, ["serve", "--port", "0", "--registry", tiny.root.path], in: tiny.outside)
        #expect(refused.status == 2 && refused.errors.contains("lethe token add"))
    }

    /// Puts a tensor of 24 MiB beside the tiny ones.
    static func writeLargeModel(to folder: URL) throws -> Int {
        let url = folder.appending(path: "model.safetensors")
        let bytes = [UInt8](try Data(contentsOf: url))
        let header = try SafetensorsHeader(parsing: bytes, fileSizeBytes: bytes.count)
        let length = 24 << 20
        let entries = try SafetensorsHeader.layOut(
            header.entries.map { (name: $0.name, elementType: $0.elementType, shape: $0.shape) }
                + [(name: "zz.ballast", elementType: "F32", shape: [length / 4])])
        var file = Data(SafetensorsHeader.encode(entries, metadata: ["format": "pt"]))
        for entry in entries where entry.name != "zz.ballast" {
            let old = try #require(header[entry.name])
            let start = header.headerSizeBytes
            file += bytes[(start + old.dataRange.lowerBound)..<(start + old.dataRange.upperBound)]
        }
        file += Data(count: length)
        try file.write(to: url)
        return file.count
    }
}
