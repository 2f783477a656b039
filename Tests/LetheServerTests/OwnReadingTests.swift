import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("Reading through the registry's own API")
struct OwnReadingTests {
    @Test("Every reading verb answers what the command answers, as JSON and as text")
    func same() async throws {
        let tiny = try await TinyRegistry.certified()
        let token = try tiny.token()
        let staff = try tiny.token("staff", scopes: [.forget])
        let served = try Served(tiny)
        let request = try #require(
            try tiny.open().resolve(Revision("faces")).manifest.requests.first)
        for (path, command, token) in [
            ("/log", ["log"], token), ("/models/faces/log", ["log", "faces"], token),
            ("/models/faces/versions/v2", ["show", "faces@v2"], token),
            ("/models/faces/versions/certified", ["show", "faces@certified"], token),
            ("/models/faces/aliases", ["aliases", "faces"], token),
            ("/trace/\(request)", ["trace", request], token),
            ("/requests?model=faces&due=true", ["requests", "list", "faces", "--due"], staff),
        ] {
            for (type, flags) in [("application/json", ["--json"]), ("text/plain", [])] {
                let answer = try served.ask("GET", path, token, nil, ["Accept: \(type)"])
                let local = try Program.run(
                    Served.lethe, command + flags + ["--registry", tiny.root.path],
                    in: tiny.outside)
                #expect(answer.status == 200, "\(path)")
                #expect(String(decoding: answer.body, as: UTF8.self) == local.output, "\(path)")
                #expect(answer.head.contains("content-type: \(type)"))
            }
        }
    }

    @Test("What is not there is said as the command says it, without folders of this machine")
    func missing() async throws {
        let tiny = try await TinyRegistry.certified()
        let token = try tiny.token()
        let served = try Served(tiny)
        for path in [
            "/models/nobody/log", "/models/faces/versions/v9", "/trace/r-0", "/nothing",
            "/models/--help/log", "/models/..%2f..%2fetc/log", "/models/faces/versions/--json",
            "/models/faces/versions/v1;ls", "/jobs/j-0", "/jobs/..%2f..%2fregistry",
        ] {
            let answer = try served.ask("GET", path, token)
            #expect(answer.status == 404 && answer.code == "not-found", "\(path)")
            #expect(!String(decoding: answer.body, as: UTF8.self).contains(tiny.root.path))
        }
        let odd = try served.ask("GET", "/models/faces/versions/latest?at=yesterday", token)
        #expect(odd.status == 422)
        #expect(try served.ask("DELETE", "/log", token).status == 405)
    }

    @Test("A token for one model learns nothing of another, nor of everything together")
    func oneModel() async throws {
        let tiny = try await TinyRegistry.certified()
        let other = try tiny.token(
            "other", scopes: AccessScope.allCases.filter { $0 != .admin },
            models: ["cars"])
        let reader = try tiny.token()
        let served = try Served(tiny)
        let absent = try served.ask("GET", "/models/nobody/log", other)
        for path in ["/models/faces/log", "/models/faces/versions/v1", "/models/faces/aliases"] {
            let answer = try served.ask("GET", path, other)
            let same = String(decoding: answer.body, as: UTF8.self)
                .replacing("faces", with: "nobody")
            #expect(answer.status == 404 && same == String(decoding: absent.body, as: UTF8.self))
        }
        let own = try served.ask("GET", "/models/cars/log", other)
        #expect(own.status == 404 && !own.text.contains("faces"), "nor what there is instead")
        let request = try #require(
            try tiny.open().resolve(Revision("faces")).manifest.requests.first)
        for path in ["/log", "/trace/\(request)", "/trace/r-0", "/requests?model=cars"] {
            let answer = try served.ask("GET", path, other)
            #expect(answer.status == 403 && answer.code == "refused", "\(path)")
        }
        #expect(try served.ask("GET", "/requests", reader).status == 403)
        for token in [nil, "lethe_" + String(repeating: "0", count: 64)] {
            for path in ["/log", "/models/faces/log", "/jobs", "/trace/r-0"] {
                #expect(try served.ask("GET", path, token).status == 401)
            }
        }
        #expect(try served.logged().contains("forged or removed token"))
        let publicly = try Served(tiny, "--public")
        #expect(try publicly.ask("GET", "/models/faces/log", nil).status == 200)
        #expect(try publicly.ask("GET", "/requests", nil).status == 401)
        #expect(try publicly.ask("POST", "/models/faces/verify", nil, "{}").status == 401)
    }
}
