import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("Pages of the registry's own records")
struct RecordPageTests {
    private func text(_ served: Served, _ path: String, _ token: String? = nil) throws -> String {
        let answer = try served.page(path, token)
        #expect(answer.status == 200, "\(path)")
        return String(decoding: answer.body, as: UTF8.self)
    }

    @Test("A model says what was revoked and erased, what was kept before, and its tags")
    func erased() async throws {
        let tiny = try await TinyRegistry.walkable()
        let served = try Served(tiny, "--public")
        let page = try text(served, "/models/faces/erased")
        let history = try tiny.open().erasureHistory(of: "faces")
        let erasure = try #require(history.erasures.first)
        #expect(page.contains(erasure.digest.description))
        for object in erasure.record.objects { #expect(page.contains(object.digest.hex)) }
        #expect(page.contains("href=\"/models/faces/v1\"") && page.contains("Yardsticks"))
        #expect(!page.contains("/receipts"), "receipts are for who handles requests")
        let secret = try text(served, "/models/secret/erased")
        #expect(secret.contains("&lt;script&gt;") && !secret.contains("<script"))
        let model = try text(served, "/models/faces")
        #expect(model.contains("autumn") && model.contains("href=\"/models/faces/erased\""))
        #expect(!model.contains("lost"), "a tag that leads to another model's version")
        #expect(try text(served, "/models/faces/v4").contains("autumn"))
        #expect(try served.page("/models/nobody/erased").status == 404)
    }

    @Test("A receipt shows the objects of those models whose requests its reader handles")
    func receipts() async throws {
        let tiny = try await TinyRegistry.walkable()
        let all = try tiny.token("all", scopes: [.read, .forget])
        let faces = try tiny.token("faces", scopes: [.read, .forget], models: ["faces"])
        let reader = try tiny.token("reader")
        let served = try Served(tiny)
        let receipts = try tiny.open().receipts()
        try #require(receipts.count == 2)
        let first = try text(served, "/receipts/1", all)
        for object in receipts[0].gone { #expect(first.contains(object.digest.hex)) }
        #expect(first.contains("work/:") && first.contains("href=\"/models/faces/erased\""))
        let second = try text(served, "/receipts/2", all)
        for object in receipts[1].gone { #expect(second.contains(object.digest.hex)) }
        #expect(receipts[1].kept.isEmpty || second.contains("faces@v"), "who holds it is said")
        let own = try text(served, "/receipts", faces)
        #expect(own.contains("/receipts/1") && !own.contains("/receipts/2"))
        #expect(try !text(served, "/receipts/1", faces).contains("work/:"))
        #expect(try served.page("/receipts/2", faces).status == 404)
        for path in ["/receipts/0", "/receipts/3", "/receipts/01", "/receipts/x"] {
            #expect(try served.page(path, all).status == 404, "\(path)")
        }
        #expect(try served.page("/receipts", reader).status == 403)
        #expect(try served.page("/receipts/1").status == 401)
    }

    @Test("Data sets are counted; classes apart only for who handles all requests")
    func datasets() async throws {
        let tiny = try await TinyRegistry.walkable()
        let all = try tiny.token("all", scopes: [.read, .forget])
        let faces = try tiny.token("faces", models: ["faces"])
        let served = try Served(tiny)
        let record = try tiny.open().dataset(named: "people").record
        let page = try text(served, "/datasets/people", all)
        for split in record.splits {
            #expect(page.contains(">\(split.classSampleCounts.reduce(0, +))<"))
        }
        #expect(page.contains("href=\"/models/faces\"") && page.contains("Classes by number"))
        #expect(try text(served, "/datasets", all).contains("secret-people"))
        #expect(try text(served, "/datasets/secret-people", all).contains("No model"))
        #expect(try !text(served, "/datasets", faces).contains("secret"))
        #expect(try !text(served, "/datasets/people", faces).contains("Classes by number"))
        let hidden = try served.page("/datasets/secret-people", faces)
        let unknown = try served.page("/datasets/nothing", faces)
        #expect(hidden.status == 404 && hidden.body == unknown.body)
    }

    @Test("A log entry's proof is the one that lethe proof gives, and the root the checkpoint's")
    func log() async throws {
        let tiny = try await TinyRegistry.walkable()
        let served = try Served(tiny, "--public")
        let registry = try tiny.open()
        let version = try registry.resolve(Revision("faces@v3"))
        let file = String(decoding: try registry.proofFile(of: version), as: UTF8.self)
        let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
        let index = try #require(lines[2].split(separator: " ").last)
        let page = try text(served, "/log/\(index)")
        let path = lines[3...].prefix { !$0.isEmpty }
        try #require(!path.isEmpty)
        for line in path {
            let hash = try #require(Data(base64Encoded: String(line)))
            #expect(page.contains(Hex.encode(Array(hash))))
        }
        #expect(page.contains("It is in the log.") && page.contains("href=\"/models/faces/v3\""))
        let certificate = try text(served, "/models/faces/v3/certificate")
        #expect(certificate.contains("href=\"/log/\(index)\""))
        let log = try text(served, "/log")
        let root = try #require(
            Data(base64Encoded: String(lines[lines.count - 4])), "the checkpoint's third line")
        #expect(log.contains(Hex.encode(Array(root))))
        #expect(!log.contains("request c-") && !log.contains(">receipt "))
        #expect(try served.page("/log?before=1").status == 200)
        #expect(try served.page("/log?before=-9223372036854775808").status == 200)
        for path in ["/log/99999", "/log/-1", "/log/00", "/log/9223372036854775807"] {
            #expect(try served.page(path).status == 404, "\(path)")
        }
    }

    @Test("An entry that is about something hidden is as one that never was")
    func hiddenEntries() async throws {
        let tiny = try await TinyRegistry.walkable()
        let faces = try tiny.token("faces", scopes: [.read, .forget], models: ["faces"])
        let served = try Served(tiny)
        let registry = try tiny.open()
        let state = try registry.logState()
        let size = state.checkpoint.size
        let unknown = try served.page("/log/\(size)", faces)
        var hidden = 0
        for entry in try registry.logEntries(0..<size, in: state) {
            let answer = try served.page("/log/\(entry.index)", faces)
            let bytes = String(decoding: entry.bytes, as: UTF8.self)
            let isOwn =
                bytes.contains("\"name\":\"faces\"") || bytes.contains("\"model\":\"faces\"")
            #expect(answer.status == (isOwn ? 200 : 404), "\(bytes)")
            if !isOwn { #expect(answer.body == unknown.body) }
            hidden += isOwn ? 0 : 1
        }
        #expect(hidden > 3)
    }

    @Test("A policy's page has its thresholds; no path of a file is one of a policy")
    func policies() async throws {
        let tiny = try await TinyRegistry.certified()
        let served = try Served(tiny, "--public")
        #expect(try text(served, "/policies").contains("href=\"/policies/default\""))
        let page = try text(served, "/policies/default")
        #expect(page.contains("At most chance.") && page.contains("5 %") && page.contains("10 %"))
        let file = tiny.outside.appending(path: "defaults/policies/default.json").path
        for path in [
            file.replacing("/", with: "%2F"), "default.json", "..%2Fpolicies%2Fdefault",
            "registry", ".",
        ] {
            let answer = try served.page("/policies/\(path)")
            #expect([400, 404].contains(answer.status), "\(path)")
        }
    }
}
