import Foundation
import LetheModelSigning
import LetheRecords
import TestSupport
import Testing

@Suite("model.sig, the OpenSSF signature of a model's folder")
struct ModelSignatureTests {
    private static let fixtures = Locations.package.appending(path: "Tests/Fixtures/model-signing")
    private let temporary: TemporaryFolder

    init() throws {
        temporary = try TemporaryFolder()
        try FileManager.default.copyItem(at: Self.fixtures.appending(path: "model"), to: model)
    }

    private var model: URL { temporary.url.appending(path: "model") }

    private func stock(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: Self.fixtures.appending(path: name)))
    }

    private func key(_ curve: String) throws -> ModelVerifyingKey {
        try ModelVerifyingKey(pem: String(decoding: stock("\(curve).pub"), as: UTF8.self))
    }

    /// Expects a refusal with a code.
    private func expect(_ code: ErrorCode, _ body: () throws -> Void) {
        #expect { try body() } throws: { ($0 as? LetheError)?.code == code }
    }

    @Test(
        "What the stock client signed holds, on each curve and in parts",
        arguments: [("P-256", "P-256"), ("P-384", "P-384"), ("P-521", "P-521"), ("parts", "P-256")])
    func stockBundles(bundle: String, curve: String) throws {
        let bytes = try stock("\(bundle).sig")
        let checked = try ModelSignature.check(bytes, of: model, key: key(curve))
        #expect(checked.model == "model")
        #expect(checked.resourceCount == (bundle == "parts" ? 5 : 3))
        try ModelSignature.expectRefusals(bytes, of: model, key: key(curve))
    }

    @Test("Our list of files has the same root as the stock client's, folder by folder")
    func sameRoot() throws {
        let made = Program.has("openssl") ? try Self.privateKey(in: temporary.url) : nil
        guard let made else { return }
        let ours = try ModelSignature.sign(model, with: made)
        let own = try ModelVerifyingKey(pem: made.publicPEM)
        let checked = try ModelSignature.check(ours, of: model, key: own)
        let theirs = try ModelSignature.check(stock("P-256.sig"), of: model, key: key("P-256"))
        #expect(checked == theirs)
        try ModelSignature.expectRefusals(ours, of: model, key: own)
        expect(.refused) { _ = try ModelSignature.check(ours, of: model, key: key("P-256")) }
    }

    @Test("A link in the folder is refused, and so is a bundle that somebody changed")
    func hostile() throws {
        let bytes = try stock("P-256.sig")
        var accepted = 0
        for position in stride(from: 0, to: bytes.count, by: 7) {
            var changed = bytes
            changed[position] ^= 1
            if (try? ModelSignature.check(changed, of: model, key: key("P-256"))) != nil {
                accepted += 1
            }
        }
        // Names that nothing is made of, such as that of the empty list of log entries.
        #expect(accepted < 6, "\(accepted) changes were not noticed")
        try FileManager.default.createSymbolicLink(
            at: model.appending(path: "link"), withDestinationURL: model)
        expect(.refused) { _ = try ModelSignature.check(bytes, of: model, key: key("P-256")) }
    }

    @Test("A key on another curve, or none, is refused with what to do")
    func keys() {
        expect(.malformed) { _ = try ModelSigningKey(pem: "no key") }
        expect(.malformed) { _ = try ModelVerifyingKey(pem: "no key") }
    }

    private static func privateKey(in folder: URL) throws -> ModelSigningKey {
        let made = try Program.run(
            "openssl",
            ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], in: folder)
        let key = try ModelSigningKey(pem: made.output)
        #expect("\(key)" == "(model signing key)" && Mirror(reflecting: key).children.isEmpty)
        return key
    }
}

extension ModelSignature {
    /// A changed, an added and a missing file are each noticed.
    static func expectRefusals(
        _ bytes: [UInt8], of model: URL, key: ModelVerifyingKey
    ) throws {
        func isRefused() -> Bool { (try? check(bytes, of: model, key: key)) == nil }
        let file = model.appending(path: "sub/weights.safetensors")
        let good = try Data(contentsOf: file)
        try Data("Weights".utf8).write(to: file)
        #expect(isRefused())
        try (good + Data("s".utf8)).write(to: file)
        #expect(isRefused(), "a longer file")
        try FileManager.default.removeItem(at: file)
        #expect(isRefused())
        try good.write(to: file)
        let more = model.appending(path: "more.bin")
        try Data().write(to: more)
        #expect(isRefused())
        try FileManager.default.removeItem(at: more)
        #expect(!isRefused())
    }
}
