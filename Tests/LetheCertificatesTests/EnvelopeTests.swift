import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheCertificates

@Suite("DSSE envelopes")
struct EnvelopeTests {
    @Test("The bytes that are signed are those of the specification's example")
    func preAuthenticationEncoding() {
        let bytes = Envelope.preAuthenticationEncoding(
            Array("hello world".utf8), payloadType: "http://example.com/HelloWorld")
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
    }

    @Test("An envelope comes back from its file and names its key")
    func roundTrip() throws {
        let key = SigningKey()
        let envelope = try Envelope(signing: [1, 2, 3, 4], with: key)
        let file = try envelope.fileBytes()
        #expect(try Envelope(fileBytes: file) == envelope)
        #expect(envelope.isSigned(by: try key.verifyingKey))
        #expect(envelope.isSigned(by: try SigningKey().verifyingKey) == false)
        let text = String(decoding: file, as: UTF8.self)
        #expect(
            text.hasPrefix(#"{"payload":"AQIDBA==","payloadType":"application/vnd.in-toto+json""#))
    }

    @Test(
        "openssl accepts the signature over bytes put together by hand",
        .enabled(if: hasOpenSSL, "needs openssl"))
    func openssl() throws {
        let folder = try TemporaryFolder()
        let key = SigningKey()
        let payload = Array(#"{"a":1}"#.utf8)
        let envelope = try Envelope(signing: payload, with: key)
        try key.write(to: folder.url.appending(path: "key.pem"))
        try Data("DSSEv1 28 application/vnd.in-toto+json 7 {\"a\":1}".utf8)
            .write(to: folder.url.appending(path: "message"))
        try Data(envelope.signature).write(to: folder.url.appending(path: "signature"))
        let verified = try Tool.run(
            [
                "openssl", "pkeyutl", "-verify", "-inkey", "key.pem", "-rawin", "-in", "message",
                "-sigfile", "signature",
            ], in: folder.url)
        #expect(verified.status == 0, "\(verified.output)")
    }

    @Test("Any other spelling of an envelope is refused")
    func otherSpellings() throws {
        let envelope = try Envelope(signing: [1, 2, 3, 4], with: SigningKey())
        let text = String(decoding: try envelope.fileBytes(), as: UTF8.self)
        let signature = try #require(text.firstMatch(of: /"signatures":\[(.*)\]/)?.output.1)
        for wrong in [
            text + "\n", " " + text, text.replacing("AQIDBA==", with: "AQIDBA"),
            text.replacing("AQIDBA==", with: "AQIDBB=="),
            text.replacing("AQIDBA==", with: "AQID BA=="),
            text.replacing("AQIDBA==", with: "AQIDBA==\\n"),
            text.replacing("application/", with: "application\\/"),
            text.replacing("[\(signature)]", with: "[]"),
            text.replacing("[\(signature)]", with: "[\(signature),\(signature)]"),
            text.replacing("{\"payload\"", with: "{\"extra\":1,\"payload\""),
            text.replacing("\"sig\":", with: "\"cert\":\"x\",\"sig\":"),
        ] {
            #expect(wrong != text)
            #expect(throws: LetheError.self, "\(wrong)") {
                try Envelope(fileBytes: Array(wrong.utf8))
            }
        }
    }
}
