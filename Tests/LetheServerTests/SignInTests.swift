import Foundation
import LetheRegistry
import TestSupport
import Testing

@testable import LetheServer

@Suite("Signing in with a browser")
struct SignInTests {
    @Test("The form keeps a token in a cookie that only this site's pages are shown with")
    func signIn() async throws {
        let tiny = try await TinyRegistry.certified()
        let token = try tiny.token()
        let served = try Served(tiny)
        let asked = try served.curl("/models/faces", "-H", "Accept: text/html")
        #expect(asked.status == 401 && asked.head.contains("www-authenticate: bearer"))
        let form = String(decoding: asked.body, as: UTF8.self)
        #expect(form.contains("name=\"then\" value=\"/models/faces\""))

        let fields = "token=\(token)&then=%2Fmodels%2Ffaces"
        let signed = try served.curl(
            "/sign-in", "-d", fields, "-H", "Sec-Fetch-Site: same-origin")
        #expect(signed.status == 303 && signed.head.contains("location: /models/faces"))
        for attribute in ["httponly", "samesite=strict", "path=/"] {
            #expect(signed.head.contains(attribute))
        }
        let cookie = "lethe-token=\(token)"
        #expect(try served.curl("/models/faces", "-b", "a=b; \(cookie)").status == 200)
        #expect(
            try served.curl("/faces/resolve/main/config.json", "-b", cookie).status == 200,
            "links to files work")
        let stored = try served.curl("/models/faces", "-b", cookie)
        #expect(stored.head.contains("cache-control: no-store"))
        let batch = try served.curl(
            "/faces.git/info/lfs/objects/batch", "-b", cookie, "--data-binary", "{}")
        #expect(batch.status == 401, "a cookie counts for reading only")
        try tiny.open().removeToken(named: "reader")
        #expect(try served.curl("/models/faces", "-b", cookie).status == 401)
        #expect(try !served.logged().contains(token.dropFirst(6)))
    }

    @Test("Forms of other sites do nothing, and nobody is led to another site")
    func crossSite() async throws {
        let tiny = try await TinyRegistry.certified()
        let token = try tiny.token()
        let served = try Served(tiny)
        for header in [
            "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site",
            "Origin: https://elsewhere.example", "Origin: null",
        ] {
            for path in ["/sign-in", "/sign-out"] {
                let answer = try served.curl(path, "-d", "token=\(token)", "-H", header)
                #expect(answer.status == 403 && !answer.head.contains("set-cookie"))
            }
        }
        let own = try served.curl("/sign-in", "-d", "token=\(token)", "-H", "Origin: \(served.url)")
        #expect(own.status == 303)
        let out = try served.curl("/sign-out", "-d", "", "-H", "Sec-Fetch-Site: same-origin")
        #expect(out.status == 303 && out.head.contains("max-age=0"))
        let wrong = try served.curl("/sign-in", "-d", "token=lethe_wrong")
        #expect(wrong.status == 401 && !wrong.head.contains("set-cookie"))
        let large = try served.curl("/sign-in", "-d", String(repeating: "a", count: 20_000))
        #expect(large.status == 413)
    }

    @Test("Only an address of this server is led back to")
    func local() {
        #expect(Address.local("/models/faces?before=3") == "/models/faces?before=3")
        for other in [
            nil, "", "//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example",
            "/a b", "/a\r\nSet-Cookie: x", "javascript:alert(1)", "/../x",
        ] { #expect(Address.local(other) == "/") }
        #expect(Address.file("a b/<c>", "m", 1) == "/m/resolve/v1/a%20b/%3Cc%3E")
    }
}
