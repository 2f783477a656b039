import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Uploads")
struct UploadTests {
    /// What a client announces of a folder, and the bytes of each part.
    private struct Announced {
        let body: String
        let parts: [String: [UInt8]]

        init(_ folder: URL) throws {
            var parts: [String: [UInt8]] = [:]
            let files = try FolderPlan(folder).files.map { file in
                let bytes = [UInt8](try Data(contentsOf: file.url))
                let list = file.parts.map { part -> JSONValue in
                    parts[part.digest.hex] = Array(bytes[part.range])
                    return [
                        "digest": .string(part.digest.description),
                        "length": .number(Double(part.range.count)),
                    ]
                }
                return JSONValue.object([
                    "path": .string(file.url.lastPathComponent),
                    "sizeBytes": .number(Double(file.sizeBytes)),
                    "digest": .string(file.digest.description), "parts": .array(list),
                ])
            }
            let value: JSONValue = ["files": .array(files)]
            body = String(decoding: try CanonicalJSON.encode(value), as: UTF8.self)
            self.parts = parts
        }
    }

    private func lacking(_ answer: Answer) -> [String] {
        (answer.json["lacking"]?.arrayValue ?? []).compactMap {
            $0["digest"]?.stringValue.map { String($0.dropFirst(7)) }
        }
    }

    private func send(
        _ bytes: [UInt8], _ path: String, _ token: String, _ range: String? = nil,
        _ served: Served, _ tiny: TinyRegistry
    ) throws -> Answer {
        let file = tiny.outside.appending(path: "piece")
        try Data(bytes).write(to: file)
        return try served.ask(
            "PUT", path, token, "@\(file.path)", range.map { ["Content-Range: \($0)"] } ?? [])
    }

    @Test("Only what the server lacks is sent, in pieces that go on where they stopped")
    func resumed() async throws {
        let tiny = try await TinyRegistry.ready()
        let token = try tiny.token("author", scopes: [.publish])
        let announced = try Announced(tiny.otherModelFolder)
        var served = try Served(jobs: tiny)
        let begun = try served.ask("POST", "/models/faces/uploads", token, announced.body)
        #expect(begun.status == 201)
        let wanted = lacking(begun)
        #expect(!wanted.isEmpty && wanted.count < announced.parts.count, "the same parts stay")
        let base = "/models/faces/uploads/\(begun.id)"
        let early = try served.ask(
            "POST", "/models/faces/publish", token, #"{"upload":"\#(begun.id)"}"#)
        #expect(early.status == 409)

        let first = try #require(wanted.first)
        let bytes = try #require(announced.parts[first])
        let path = "\(base)/parts/\(first)"
        let middle = bytes.count / 2
        let range = "bytes 0-\(middle - 1)/\(bytes.count)"
        #expect(
            try send(Array(bytes[..<middle]), path, token, range, served, tiny).status == 204)
        served.kill()
        served = try Served(jobs: tiny)
        let head = try served.ask("HEAD", path, token)
        #expect(head.head.contains("upload-offset: \(middle)"))
        let again = try send(Array(bytes[..<middle]), path, token, range, served, tiny)
        #expect(again.status == 409 && again.head.contains("upload-offset: \(middle)"))
        let rest = "bytes \(middle)-\(bytes.count - 1)/\(bytes.count)"
        #expect(try send(Array(bytes[middle...]), path, token, rest, served, tiny).status == 204)
        #expect(try send(Array(bytes[middle...]), path, token, rest, served, tiny).status == 204)
        for digest in wanted.dropFirst() {
            let part = try #require(announced.parts[digest])
            #expect(
                try send(part, "\(base)/parts/\(digest)", token, nil, served, tiny).status == 204)
        }
        #expect(lacking(try served.ask("GET", base, token)).isEmpty)

        let job = try served.ask(
            "POST", "/models/faces/publish", token, #"{"upload":"\#(begun.id)"}"#)
        #expect(job.status == 202)
        _ = try served.listen(job.id, token)
        let registry = try tiny.open()
        let weights = try registry.resolve(Revision("faces@v2")).manifest.files
            .first { $0.path == "model.safetensors" }
        let local = try Data(
            contentsOf: tiny.otherModelFolder.appending(path: "model.safetensors"))
        #expect(weights?.digest == Digest(hashing: Array(local)))
        #expect(try served.ask("GET", base, token).status == 404, "an upload is published once")
        #expect(try tiny.check().isClean)
    }

    @Test("Bytes that are not what was announced are not kept, and the log says so")
    func damaged() async throws {
        let tiny = try await TinyRegistry.ready()
        let token = try tiny.token("author", scopes: [.publish])
        let announced = try Announced(tiny.otherModelFolder)
        let served = try Served(jobs: tiny)
        let begun = try served.ask("POST", "/models/faces/uploads", token, announced.body)
        let digest = try #require(lacking(begun).first)
        let bytes = try #require(announced.parts[digest])
        let base = "/models/faces/uploads/\(begun.id)"
        let path = "\(base)/parts/\(digest)"
        let wrong = try send(bytes.map { ~$0 }, path, token, nil, served, tiny)
        #expect(wrong.status == 422 && wrong.code == "integrity")
        #expect(try served.ask("HEAD", path, token).head.contains("upload-offset: 0"))
        let long = try send(bytes + [0], path, token, nil, served, tiny)
        #expect(long.status == 413)
        for range in [
            "bytes 5-\(bytes.count + 4)/\(bytes.count)", "bytes 0-3/9999", "bytes */7",
            "lines 0-1/2",
            "bytes 0-99999999999999999999/99999999999999999999",
        ] {
            let answer = try send(bytes, path, token, range, served, tiny)
            #expect([400, 409].contains(answer.status), "\(range)")
        }
        let stray = "\(base)/parts/\(String(repeating: "0", count: 64))"
        #expect(try send(bytes, stray, token, nil, served, tiny).status == 404)
        #expect(try send(bytes, "\(base)/parts/..%2fx", token, nil, served, tiny).status == 404)
        #expect(try served.logged().contains("do not have the digest"))
        #expect(try tiny.open().versions(of: "faces").count == 1)
    }

    @Test("Parts that give another file than announced are no version")
    func wrongWhole() async throws {
        let tiny = try await TinyRegistry.ready()
        let token = try tiny.token("author", scopes: [.publish])
        let announced = try Announced(tiny.modelFolder)
        let weights = [UInt8](
            try Data(contentsOf: tiny.modelFolder.appending(path: "model.safetensors")))
        let body = announced.body.replacing(
            "\"digest\":\"\(Digest(hashing: weights))\",\"parts\"",
            with: "\"digest\":\"\(Digest(hashing: [1]))\",\"parts\"")
        #expect(body != announced.body)
        let served = try Served(jobs: tiny)
        let begun = try served.ask("POST", "/models/faces/uploads", token, body)
        #expect(begun.json["lackingBytes"] == 0)
        let job = try served.ask(
            "POST", "/models/faces/publish", token, #"{"upload":"\#(begun.id)"}"#)
        _ = try served.listen(job.id, token)
        let answer = try served.ask("GET", "/jobs/\(job.id)/answer", token)
        #expect(answer.code == "malformed" && answer.status == 422)
        #expect(try tiny.open().versions(of: "faces").count == 1)
    }

    @Test("What another model has is lacking, and another's upload is unknown")
    func otherModels() async throws {
        let tiny = try await TinyRegistry.ready()
        let author = try tiny.token("author", scopes: [.publish], models: ["faces"])
        let other = try tiny.token("other", scopes: [.publish, .read], models: ["cars"])
        let second = try tiny.token("second", scopes: [.publish], models: ["faces"])
        let announced = try Announced(tiny.modelFolder)
        let served = try Served(jobs: tiny)
        let mine = try served.ask("POST", "/models/faces/uploads", author, announced.body)
        #expect(lacking(mine).isEmpty)
        let theirs = try served.ask("POST", "/models/cars/uploads", other, announced.body)
        #expect(theirs.status == 201 && lacking(theirs).count == announced.parts.count)
        #expect(
            try served.ask("POST", "/models/faces/uploads", other, announced.body).status == 404)
        for (token, model) in [(other, "faces"), (other, "cars"), (second, "faces")] {
            let path = "/models/\(model)/uploads/\(mine.id)"
            #expect(try served.ask("GET", path, token).status == 404)
            #expect(try served.ask("DELETE", path, token).status == 404)
        }
        let order = #"{"upload":"\#(mine.id)"}"#
        #expect(try served.ask("POST", "/models/cars/publish", other, order).status == 404)
        let base = #"{"upload":"\#(theirs.id)","base":"faces@v1"}"#
        #expect(try served.ask("POST", "/models/cars/publish", other, base).status == 404)
    }

    @Test("Weights that are revoked do not come back by their names")
    func revoked() async throws {
        let tiny = try await TinyRegistry.certified()
        let token = try tiny.token("author", scopes: [.publish])
        let served = try Served(jobs: tiny)
        let announced = try Announced(tiny.modelFolder)
        let begun = try served.ask("POST", "/models/faces/uploads", token, announced.body)
        let names = Set(lacking(begun))
        let registry = try tiny.open()
        let kept = try registry.heldParts(of: "faces").keys.map(\.hex)
        #expect(!names.isEmpty && names.isDisjoint(with: kept))
    }

    @Test("An announcement that does not add up, leads elsewhere or is too large is refused")
    func announcements() async throws {
        let tiny = try await TinyRegistry.ready()
        let token = try tiny.token("author", scopes: [.publish])
        let served = try Served(jobs: tiny, "--upload-mebibytes", "1")
        let digest = Digest(hashing: [1]).description
        func file(_ path: String, _ size: String, _ parts: String) -> String {
            #"{"files":[{"path":"\#(path)","sizeBytes":\#(size),"digest":"\#(digest)","parts":[\#(parts)]}]}"#
        }
        func part(_ length: String) -> String { #"{"digest":"\#(digest)","length":\#(length)}"# }
        for (body, status) in [
            ("{}", 422), ("", 422), (#"{"files":[]}"#, 422), (file("../x", "1", part("1")), 422),
            (file("/etc/x", "1", part("1")), 422), (file(".lethe", "1", part("1")), 422),
            (file("a/b", "1", part("1")), 422), (file("a", "2", part("1")), 422),
            (file("a", "-1", part("-1")), 422), (file("a", "0", part("0")), 422),
            (file("a", "1e300", part("1e300")), 422), (file("a", "1", part("1.5")), 422),
            (file("a", "3", part("1") + "," + part("2")), 422),
            (file("a", "1", part("1")).replacing("sha256", with: "md5"), 422),
            (file("a", "2000000", part("2000000")), 413),
        ] {
            let answer = try served.ask("POST", "/models/faces/uploads", token, body)
            #expect(answer.status == status, "\(body.prefix(100)): \(answer.status)")
        }
        for number in 1...4 {
            let answer = try served.ask(
                "POST", "/models/faces/uploads", token, file("a\(number)", "1", part("1")))
            #expect(answer.status == 201)
        }
        let fifth = try served.ask(
            "POST", "/models/faces/uploads", token, file("a5", "1", part("1")))
        #expect(fifth.status == 429)
    }
}
