import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("Who is let in")
struct TokenTests {
    @Test("Without a token nobody gets anything, and learns nothing")
    func withoutToken() async throws {
        let tiny = try await TinyRegistry.certified()
        let token = try tiny.token()
        let served = try Served(tiny)
        let paths = [
            "/api/models", "/api/models/faces", "/api/models/nobody",
            "/faces/resolve/main/config.json", "/nobody/resolve/main/config.json", "/metrics",
        ]
        let answers = try paths.map { try served.curl($0) }
        #expect(answers.allSatisfy { $0.status == 401 && $0.body == answers[0].body })
        for forged in ["lethe_" + String(repeating: "0", count: 64), String(token.dropLast()), ""] {
            let answer = try served.curl(
                "/api/models/faces", "-H", "Authorization: Bearer \(forged)")
            #expect(answer.status == 401)
        }
        let path = "/faces/resolve/main/config.json"
        #expect(try served.curl(path, "-H", "Authorization: Bearer \(token)").status == 200)
        #expect(try served.curl(path, "-u", "anybody:\(token)").status == 200)
        #expect(try served.curl("/health").status == 200)
        #expect(try !served.logged().contains(token.dropFirst(6)), "no log has a token")
    }

    @Test("A token for one model says nothing of another, and a taken one nothing at all")
    func oneModel() async throws {
        let tiny = try await TinyRegistry.certified()
        let other = try tiny.token("other", models: ["cars", "face"])
        let group = try tiny.token("group", models: ["fac*"])
        let certify = try tiny.token("judge", scopes: [.certify])
        let admin = try tiny.token("admin", scopes: [.admin])
        let served = try Served(tiny)
        func status(_ token: String, _ path: String = "/api/models/faces") throws -> Int {
            try served.curl(path, "-H", "Authorization: Bearer \(token)").status
        }
        #expect(try status(other) == 404)
        #expect(try status(other, "/faces/resolve/main/config.json") == 404)
        #expect(try status(certify) == 404)
        #expect(try status(group) == 200)
        #expect(try status(admin) == 200)
        #expect(try status(group, "/metrics") == 403)
        #expect(try status(admin, "/metrics") == 200)
        try tiny.open().removeToken(named: "group")
        #expect(try status(group) == 401)
    }

    @Test("Only the hash of a token is kept, and in this registry's folder alone")
    func kept() throws {
        let tiny = try TinyRegistry()
        let token = try tiny.token()
        let text = try String(contentsOf: tiny.root.appending(path: "tokens.json"), encoding: .utf8)
        #expect(token.hasPrefix("lethe_") && token.utf8.count == 70)
        #expect(!text.contains(token) && text.contains(Digest(hashing: Array(token.utf8)).hex))
        #expect(throws: LetheError.self) { try tiny.token() }
        #expect(throws: LetheError.self) { try tiny.token("more", models: ["../faces"]) }
        #expect(throws: LetheError.self) { try tiny.token("none", scopes: []) }
    }
}
