import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("What a registry must not hold")
struct SecrecyTests {
    @Test("No private key, no sample, no bare hash of a sample, in any file or git object")
    func secrets() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)

        let haystack = try bytes(of: tiny)
        // The search finds what is there: a class name, as text and as the digest of a file.
        #expect(haystack.contains { $0.range(of: Data(TinyModel.classNames[0].utf8)) != nil })
        let weights = try #require(registry.tip(of: TinyRegistry.model)?.weightsDigest)
        #expect(haystack.contains { $0.range(of: Data(weights.hex.utf8)) != nil })

        for (name, needle) in try needles(tiny) {
            for (number, hay) in haystack.enumerated() {
                #expect(hay.range(of: needle) == nil, "\(name) in file \(number)")
            }
        }
    }

    /// Every file of the registry, and every git object unpacked.
    private func bytes(of tiny: TinyRegistry) throws -> [Data] {
        var found = Array(try contents(of: tiny.root).values)
        if Program.has("git") {
            let objects = try Program.run(
                "git", ["cat-file", "--batch-all-objects", "--batch", "--unordered"],
                in: tiny.root.appending(path: "lineage.git"))
            #expect(objects.status == 0)
            found.append(Data(objects.output.utf8))
        }
        return found
    }

    private func needles(_ tiny: TinyRegistry) throws -> [(String, Data)] {
        var needles: [(String, Data)] = []
        for name in ["operator.pem", "verifier.pem"] {
            let pem = try String(
                contentsOf: tiny.keysFolder.appending(path: name), encoding: .utf8)
            let base64 = pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
            let der = try #require(Data(base64Encoded: base64))
            needles.append(("\(name) in base64", Data(base64.utf8)))
            needles.append(("the seed of \(name)", der.suffix(32)))
            needles.append(
                ("the seed of \(name) in hex", Data(Hex.encode(Array(der.suffix(32))).utf8)))
        }
        let key = try String(
            contentsOf: tiny.keysFolder.appending(path: "commitment.key"), encoding: .utf8
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        needles.append(("the commitment key", Data(key.utf8)))
        needles.append(("the commitment key, raw", Data(try #require(Hex.decode(key)))))
        for url in files(below: tiny.samples) {
            let sample = try Data(contentsOf: url)
            let digest = Digest(hashing: Array(sample))
            needles.append((url.path, sample))
            needles.append(("the hash of \(url.path)", Data(digest.hex.utf8)))
            needles.append(("the raw hash of \(url.path)", Data(digest.bytes)))
        }
        return needles
    }
}
