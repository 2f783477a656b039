import Foundation
import FoundationXML
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

/// Text that would be markup if anything let it.
private let hostile = "</title><script>alert('1')</script> \" onload=\"x <img src=x onerror=y>"

extension TinyRegistry {
    /// `faces` with erased and certified versions, a newer one that nobody certified, a tag, a
    /// request and a hostile card; and `secret`, whose first version was revoked for a hostile
    /// reason and erased, and data that no model was made with.
    static func walkable() async throws -> TinyRegistry {
        let tiny = try TinyRegistry()
        try Data("# Card\n\n\(hostile)\n\n| a | `b` |\n|---|---|\n| \(hostile) | 2 |\n".utf8)
            .write(to: tiny.modelFolder.appending(path: "README.md"))
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
        try await tiny.keepYardstick(in: registry)
        try tiny.purge(in: registry)
        try await tiny.forget([2], in: registry)
        try await tiny.identifiedRequest(in: registry)
        try await tiny.addDataset(named: "secret-people", in: registry)
        try await tiny.publish(tiny.otherModelFolder, as: "secret", in: registry)
        let next = tiny.folder("next-model")
        try TinyModel.write(to: next, shift: 2)
        try await tiny.publish(next, as: "secret", in: registry)
        try await tiny.keepYardstick(of: "secret", in: registry)
        _ = try registry.revoke(
            Revision("secret@v1"), reason: hostile, keys: tiny.keys(), now: now)
        try tiny.purge(in: registry)
        try tiny.tag("autumn", "refs/heads/faces")
        try tiny.tag("lost", "refs/heads/secret")
        return tiny
    }

    /// Gives the tip of a line a tag of `faces`, as somebody with git does.
    private func tag(_ name: String, _ target: String) throws {
        let lineage = root.appending(path: "lineage.git")
        let git = try Program.run(
            "git", ["update-ref", "refs/tags/faces/\(name)", target], in: lineage)
        try #require(git.status == 0)
    }
}

extension Served {
    /// A page, as a browser asks for it.
    func page(_ path: String, _ token: String? = nil) throws -> Answer {
        let accept = "Accept: text/html,application/xhtml+xml"
        guard let token else { return try curl(path, "-H", accept) }
        return try curl(path, "-H", accept, "-b", "lethe-token=\(token)")
    }

    /// Every page that links lead to from `/`, with what it says; files are asked for, not read.
    func walk(_ token: String?) throws -> [String: String] {
        var pages: [String: String] = [:]
        var waiting = ["/"]
        while let path = waiting.popLast() {
            guard pages[path] == nil else { continue }
            let answer = try page(path, token)
            #expect(answer.status == 200, "\(path)")
            let isPage = answer.head.contains("content-type: text/html")
            let text = String(decoding: answer.body, as: UTF8.self)
            pages[path] = isPage ? text : ""
            guard isPage else { continue }
            waiting += text.matches(of: /href="(\/[^"#]*)/).map {
                String($0.output.1).replacing("&amp;", with: "&")
            }
        }
        return pages
    }
}

@Suite("Pages")
struct PageTests {
    @Test("Every link of every page leads somewhere, every page is well-formed, names stay text")
    func walk() async throws {
        let tiny = try await TinyRegistry.walkable()
        let token = try tiny.token(scopes: [.read, .forget])
        let served = try Served(tiny)
        let pages = try served.walk(token)
        for path in [
            "/", "/models/faces", "/models/faces/aliases", "/models/faces/v1", "/models/faces/v3",
            "/models/faces/v3/pull", "/models/faces/v3/certificate", "/models/secret/v1",
            "/requests", "/exposed", "/faces/resolve/v3/README.md", "/models/faces/erased",
            "/models/secret/erased", "/receipts", "/receipts/1", "/receipts/2", "/datasets",
            "/datasets/people", "/policies", "/policies/default", "/log", "/log/0",
        ] { #expect(pages[path] != nil, "\(path) is linked") }
        #expect(pages.keys.contains { $0.hasPrefix("/requests/c-") })
        #expect(pages.keys.contains { $0.hasPrefix("/requests/r-") })
        for (path, text) in pages where !text.isEmpty {
            #expect(XMLParser(data: Data(text.utf8)).parse(), "\(path)")
            #expect(!text.contains("<script") && !text.contains("<img"), "\(path)")
            #expect(!text.contains("\" onload="), "\(path)")
        }
        #expect(pages["/models/faces/v3"]?.contains("&lt;script&gt;") == true, "the card is shown")
        #expect(pages["/models/secret/v1"]?.contains("&lt;script&gt;") == true)
        #expect(pages["/models/faces/v1"]?.contains("alert") == false, "a revoked card is not")
        let found = try served.page("/search?q=%22%3E%3Cscript%3E+faces%40v3", token)
        #expect(!String(decoding: found.body, as: UTF8.self).contains("<script"))
        let version = String(
            decoding: try served.page("/search?q=faces%40v3", token).body, as: UTF8.self)
        #expect(version.contains("href=\"/models/faces/v3\""))
    }

    @Test("What a token may not read is on no page, in no count and in no search")
    func hidden() async throws {
        let tiny = try await TinyRegistry.walkable()
        let faces = try tiny.token("faces", scopes: [.read, .forget], models: ["faces"])
        let other = try tiny.token("other", scopes: [.read, .forget], models: ["others*"])
        let reader = try tiny.token("reader")
        let served = try Served(tiny)
        for (path, text) in try served.walk(faces) {
            #expect(!text.contains("secret"), "\(path)")
        }
        let home = String(decoding: try served.page("/", faces).body, as: UTF8.self)
        #expect(home.contains("1 model,"))
        let search = try served.page("/search?q=secr", faces)
        #expect(!String(decoding: search.body, as: UTF8.self).contains("secret"))
        let unknown = try served.page("/models/nobody", faces)
        let hidden = try served.page("/models/secret", faces)
        #expect(unknown.status == 404 && hidden.status == 404)
        #expect(
            String(decoding: hidden.body, as: UTF8.self).replacing("secret", with: "nobody")
                == String(decoding: unknown.body, as: UTF8.self))
        let request = try #require(try tiny.open().caseFiles().first).opening.id
        #expect(try served.page("/requests/\(request)", faces).status == 200)
        let theirs = try served.page("/requests/\(request)", other)
        #expect(theirs.status == 404)
        #expect(try served.page("/requests/c-000000000000", other).body == theirs.body)
        let due = try served.page("/requests", other)
        #expect(!String(decoding: due.body, as: UTF8.self).contains("faces"))
        for path in ["/requests", "/exposed", "/requests/\(request)"] {
            #expect(try served.page(path, reader).status == 403)
            #expect(try served.page(path).status == 401)
        }
    }

    @Test("Browsers get errors as pages, others as before, and no page may do more than be shown")
    func frame() async throws {
        let tiny = try await TinyRegistry.certified()
        let served = try Served(tiny, "--public")
        let home = try served.page("/")
        for header in [
            "content-security-policy: default-src 'none'; style-src 'self'",
            "x-content-type-options: nosniff", "referrer-policy: same-origin",
            "cache-control: no-cache", "frame-ancestors 'none'",
        ] { #expect(home.head.contains(header), "\(header)") }
        let missing = try served.page("/models/nobody")
        #expect(missing.status == 404 && missing.head.contains("content-type: text/html"))
        let plain = try served.curl("/models/nobody")
        #expect(plain.status == 404 && plain.head.contains("content-type: application/json"))
        let head = try served.curl("/models/faces", "-I", "-H", "Accept: text/html")
        #expect(head.status == 200 && head.head.contains("content-length: "))
        let page = String(decoding: home.body, as: UTF8.self)
        let style = try #require(page.firstMatch(of: /href="(\/assets\/style-[^"]*)"/)?.output.1)
        let sheet = try served.curl(String(style))
        #expect(sheet.status == 200 && sheet.head.contains("immutable"))
        #expect(sheet.head.contains("content-type: text/css"))
        #expect(try served.curl("/models/faces", "-X", "DELETE").status == 405)
        #expect(try served.page("/requests").status == 401, "public is not for requests")
        #expect(!page.contains("/requests"))
    }

    @Test("Paper has the colours of the day that words name, and one column")
    func paper() async throws {
        let served = try Served(try await TinyRegistry.certified(), "--public")
        let page = String(decoding: try served.page("/").body, as: UTF8.self)
        let style = try #require(page.firstMatch(of: /href="(\/assets\/style-[^"]*)"/)?.output.1)
        let sheet = String(decoding: try served.curl(String(style)).body, as: UTF8.self)
        let halves = sheet.components(separatedBy: "@media print")
        try #require(halves.count == 2)
        func colour(_ name: String, _ text: String) throws -> Substring? {
            text.firstMatch(of: try Regex("--\(name): (#[0-9a-f]{3,6});"))?.output[1].substring
        }
        for name in ["good", "bad", "open", "before", "now", "third"] {
            #expect(try colour(name, halves[0]) != nil, "\(name)")
            #expect(try colour(name, halves[0]) == colour(name, halves[1]), "\(name)")
        }
        #expect(halves[1].contains(".beside { grid-template-columns: minmax(0, 1fr); }"))
    }
}
