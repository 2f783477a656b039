import Foundation
import LetheCertificates
import LetheRecords
import TestSupport
import Testing

/// The note, keys and signatures are those of golang.org/x/mod/sumdb/note's tests.
@Suite("Signed notes")
struct SignedNoteTests {
    private let text = """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        """
    private let peterLine =
        "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
        + "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    private let enochLine =
        "\u{2014} EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG0"
        + "1oOTGwnWLox33WWd1RvMc+QQ=\n"
    private let peterText = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    private func peter() throws -> NoteKey { try NoteKey(verifierKey: peterText) }
    private func enoch() throws -> NoteKey {
        try NoteKey(
            verifierKey: "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")
    }
    private func note(_ text: String) throws -> SignedNote {
        try SignedNote(bytes: Array(text.utf8))
    }

    @Test("A verifier key is read and written; every mangling of it is refused")
    func verifierKey() throws {
        #expect(try peter().verifierKey == peterText)
        #expect(try peter().name == "PeterNeumann")
        let bytes = Array(peterText.utf8)
        for start in 0...bytes.count {
            for end in (start + 1)..<(bytes.count + 2)
            where end <= bytes.count && (start, end) != (0, bytes.count) {
                let part = String(decoding: bytes[start..<end], as: UTF8.self)
                #expect(throws: LetheError.self) { try NoteKey(verifierKey: part) }
            }
        }
        for position in bytes.indices {
            var changed = bytes
            changed[position] += 1
            let wrong = String(decoding: changed, as: UTF8.self)
            #expect(throws: LetheError.self) { try NoteKey(verifierKey: wrong) }
        }
        for wrong in [
            "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
            "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ] { #expect(throws: LetheError.self) { try NoteKey(verifierKey: wrong) } }
    }

    @Test("Signing a text gives the note that Go's note package gives")
    func sign() throws {
        let secret = try #require(
            Data(base64Encoded: "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"))
        let key = try SigningKey(seed: Array(secret.dropFirst()))
        let signed = try SignedNote(signing: text, as: "PeterNeumann", with: key)
        #expect(String(decoding: signed.bytes, as: UTF8.self) == text + "\n" + peterLine)
        for wrong in ["abc", "", "a\u{1}b\n"] {
            #expect(throws: LetheError.self) {
                try SignedNote(signing: wrong, as: "PeterNeumann", with: key)
            }
        }
        for wrong in ["", "a+b", "bad name", "a\u{2003}b"] {
            #expect(throws: LetheError.self) {
                try SignedNote(signing: text, as: wrong, with: key)
            }
        }
    }

    @Test("Known keys' signatures are checked, unknown ones passed over, none refused")
    func check() throws {
        let both = try note(text + "\n" + peterLine + enochLine)
        #expect(both.text == text)
        #expect(try both.check([peter()]) == [peter()])
        #expect(try both.check([enoch(), peter()]) == [peter(), enoch()])
        let untrusted = #expect(throws: LetheError.self) { try both.check([]) }
        #expect(untrusted?.code == .refused)
        let wrong = peterLine.replacing("x08go/ZJkuBS9UG", with: "x08go/ZJkuBS9UH")
        let broken = #expect(throws: LetheError.self) {
            try note(text + "\n" + wrong + enochLine).check([peter(), enoch()])
        }
        #expect(broken?.code == .integrity)
        #expect(try note(text + "\n" + wrong + enochLine).check([enoch()]) == [enoch()])
        // The example of the specification.
        let example =
            "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv"
            + "1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
        let key = try NoteKey(
            verifierKey: "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
        #expect(try note(example).check([key]) == [key])
    }

    @Test("Bytes that are no note are refused; a note of 100 signatures is read, of 101 not")
    func malformed() throws {
        let good = text + "\n" + peterLine
        #expect(try note(good).bytes == Array(good.utf8))
        let long = text + "\n" + String(repeating: peterLine, count: 100)
        #expect(try note(long).signatures.count == 100)
        for wrong in [
            text, text + "\n", String(good.dropLast()), "\u{1}" + good, long + peterLine,
            text + "\n" + "\u{2014} Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuG=\n",
            good + "Unexpected line.\n", good.replacing("\u{2014} ", with: "- "), "",
            "\n\n" + peterLine.replacing("x08go", with: "x08g"),
        ] { #expect(throws: LetheError.self, "\(wrong)") { try note(wrong) } }
        #expect(throws: LetheError.self) { try SignedNote(bytes: [0xFF] + Array(good.utf8)) }
    }
}

/// Made by scripts/golden/log.py with Python's hashlib and the cryptography package.
private struct LogGolden: Decodable {
    struct Proof: Decodable {
        let entry: String
        let file: String
    }
    let origin: String
    let checkpoint: String
    let proof: Proof

    static func load() throws -> LogGolden {
        let file = Locations.fixtures.appending(path: "log/golden.json")
        return try JSONDecoder().decode(LogGolden.self, from: Data(contentsOf: file))
    }
}

@Suite("Checkpoints and log proofs")
struct LogProofTests {
    private let key = try! SigningKey(seed: Array(0..<32))

    private func trusted(_ role: KeyRole = .operator) throws -> TrustedKeys {
        try TrustedKeys([TrustedKeys.Entry(role: role, key: key.verifyingKey)])
    }

    @Test("A checkpoint is signed as Python signs it, and opens for its operator and log only")
    func checkpoint() throws {
        let golden = try LogGolden.load()
        let bytes = Array(golden.checkpoint.utf8)
        let checkpoint = try SignedCheckpoint.open(
            bytes, trusted: trusted(), origin: golden.origin)
        #expect(checkpoint.size == 600 && checkpoint.origin == golden.origin)
        #expect(try SignedCheckpoint.sign(checkpoint, with: key) == bytes)
        for (wrong, origin) in [
            (try trusted(.verifier), nil), (try TrustedKeys([]), nil),
            (try trusted(), "lethe/another"),
        ] {
            let error = #expect(throws: LetheError.self) {
                try SignedCheckpoint.open(bytes, trusted: wrong, origin: origin)
            }
            #expect(error?.code == .refused)
        }
    }

    @Test("A proof is written as Python writes it and holds; with any bit changed it does not")
    func proof() throws {
        let golden = try LogGolden.load()
        let bytes = Array(golden.proof.file.utf8)
        let proof = try LogProof(fileBytes: bytes)
        #expect(proof.index == 3 && proof.fileBytes == bytes)
        let leaf = try proof.check(trusted: trusted(), origin: golden.origin)
        #expect(leaf.title == "model faces v3" && leaf.operation == "certify")
        #expect(try leaf.canonicalBytes() == Array(golden.proof.entry.utf8))
        for bit in 0..<8 * bytes.count {
            var changed = bytes
            changed[bit / 8] ^= UInt8(1 << (bit % 8))
            let error = #expect(throws: LetheError.self, "bit \(bit)") {
                try LogProof.file(changed).check(trusted: trusted())
            }
            #expect(error?.code == .integrity || error?.code == .refused, "bit \(bit)")
        }
        #expect(throws: LetheError.self) {
            try proof.check(trusted: trusted(), origin: "lethe/another")
        }
    }
}
