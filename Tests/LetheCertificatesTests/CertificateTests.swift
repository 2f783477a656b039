import Foundation
import LetheCertificates
import LetheRecords
import TestSupport
import Testing

private func code(_ body: () throws -> Void) -> ErrorCode? {
    (#expect(throws: LetheError.self) { try body() })?.code
}

@Suite("Certificates")
struct CertificateTests {
    private let parties: Parties
    private let check: CertificateCheck

    init() throws {
        parties = try Parties()
        check = CertificateCheck(trusted: parties.trusted)
    }

    @Test("A certificate of the verifier passes and says what was signed")
    func passes() throws {
        let bytes = try Certificate.issue(
            Samples.verdict(), on: Samples.files, with: parties.verifier)
        let checked = try check.check(bytes, files: Samples.files)
        #expect(checked.verdict == Samples.verdict())
        #expect(checked.files.map(\.name) == ["config.json", "model.safetensors"])
        #expect(try checked.signer == parties.verifier.verifyingKey)
        #expect(checked.digest == Digest(hashing: bytes))
    }

    @Test("The payload is an in-toto statement of version 1")
    func isStatement() throws {
        let bytes = try Certificate.issue(
            Samples.verdict(), on: Samples.files, with: parties.verifier)
        let statement = try StrictJSON.parse(try Envelope(fileBytes: bytes).payload)
        #expect(statement["_type"] == "https://in-toto.io/Statement/v1")
        #expect(statement["predicateType"]?.stringValue == ForgetVerdict.predicateType)
        #expect(
            statement["subject"]?.arrayValue?.last
                == [
                    "name": "model.safetensors",
                    "digest": ["sha256": .string(Samples.weights.hex)],
                ])
    }

    @Test("A certificate that Python and openssl made is accepted, and is ours byte for byte")
    func keptCertificate() throws {
        let folder = Locations.fixtures.appending(path: "certificates")
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "v1.json")))
        let signers = try String(
            contentsOf: folder.appending(path: "v1.allowed_signers"), encoding: .utf8)
        let kept = CertificateCheck(trusted: try TrustedKeys(allowedSigners: signers))
        let checked = try kept.check(bytes)
        #expect(checked.verdict.model == "fashion")
        let key = try SigningKey(seed: Array(0..<32))
        #expect(try Certificate.issue(checked.verdict, on: checked.files, with: key) == bytes)
        #expect(code { _ = try check.check(bytes) } == .refused)
    }

    @Test("A changed byte anywhere in the file is detected")
    func everyByte() throws {
        let bytes = try Certificate.issue(
            Samples.verdict(), on: Samples.files, with: parties.verifier)
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1 << UInt8(position % 8)
            let error = #expect(throws: LetheError.self, "position \(position)") {
                try check.check(changed)
            }
            #expect(error?.code == .integrity, "position \(position)")
        }
    }

    @Test("A cut or lengthened file is detected")
    func otherLengths() throws {
        let bytes = try Certificate.issue(
            Samples.verdict(), on: Samples.files, with: parties.verifier)
        for count in stride(from: 0, to: bytes.count, by: 97) {
            #expect(code { _ = try check.check(Array(bytes[..<count])) } == .integrity)
        }
        for extra in [[10], [0], Array("{}".utf8)] as [[UInt8]] {
            #expect(code { _ = try check.check(bytes + extra) } == .integrity)
        }
    }

    @Test("A certificate signed by the operator's key is refused, and so is an unknown key's")
    func otherSigners() throws {
        for key in [parties.operator, SigningKey()] {
            let bytes = try Certificate.issue(Samples.verdict(), on: Samples.files, with: key)
            #expect(code { _ = try check.check(bytes) } == .refused)
        }
    }

    @Test("Files that differ, are missing or are not covered are detected")
    func otherFiles() throws {
        let bytes = try Certificate.issue(
            Samples.verdict(), on: Samples.files, with: parties.verifier)
        let other = Subject(name: "config.json", digest: Samples.weights)
        let extra = Subject(name: "code.py", digest: Samples.weights)
        for files in [[Samples.files[0], other], [Samples.files[0]], [], Samples.files + [extra]] {
            #expect(code { _ = try check.check(bytes, files: files) } == .integrity)
        }
    }

    @Test("A version with a failed gate gets no certificate")
    func failedGate() {
        let verdict = Samples.verdict { verdict in
            verdict.report.gates.append(
                GateResult(gate: "retained-drop", subject: "retained", value: 0.3, atMost: 0.02))
        }
        let error = code {
            _ = try Certificate.issue(verdict, on: Samples.files, with: parties.verifier)
        }
        #expect(error == .gateFailed)
    }

    static let contradictions: [@Sendable (inout ForgetVerdict) -> Void] = [
        { $0.verdict = "failed" },
        { $0.tier = 2 },
        { $0.report.schema = "lethe.report.v2" },
        { $0.report.gates = [] },
        { $0.report.gates[0].held = false },
        { $0.report.gates[0].value = 0.9 },
        { $0.report.gates[0].comparison = "about" },
        { $0.report.weights = Digest(hashing: []) },
        { $0.requests = [] },
    ]

    @Test("A signed verdict that its own figures do not bear out is refused")
    func contradiction() throws {
        for change in Self.contradictions {
            let verdict = Samples.verdict(change)
            #expect(throws: LetheError.self) {
                try Certificate.issue(verdict, on: Samples.files, with: parties.verifier)
            }
            let statement = try Statement(subject: Samples.files, predicate: verdict)
            let envelope = try Envelope(
                signing: CanonicalJSON.encode(statement), with: parties.verifier)
            let bytes = try envelope.fileBytes()
            #expect(code { _ = try check.check(bytes) } == .refused)
        }
    }

    @Test("Signed payloads of another kind are refused")
    func otherPayloads() throws {
        let statement = try Statement(subject: Samples.files, predicate: Samples.verdict())
        let payload = String(decoding: try CanonicalJSON.encode(statement), as: UTF8.self)
        let cases: [(String, String)] = [
            (payload, "application/json"),
            (payload.replacing("Statement/v1", with: "Statement/v2"), Envelope.statementType),
            (payload.replacing("forget-verdict:v1", with: "wish:v1"), Envelope.statementType),
            (
                payload.replacing("lethe.verdict.v1", with: "lethe.verdict.v9"),
                Envelope.statementType
            ),
            (payload.replacing("{\"_type\"", with: "{ \"_type\""), Envelope.statementType),
            (payload.replacing("\"tier\"", with: "\"tail\":1,\"tier\""), Envelope.statementType),
            ("", Envelope.statementType),
        ]
        for (payload, type) in cases {
            let envelope = try Envelope(
                signing: Array(payload.utf8), payloadType: type, with: parties.verifier)
            let bytes = try envelope.fileBytes()
            #expect(throws: LetheError.self) { try check.check(bytes) }
        }
    }

    @Test("A statement needs files, each name once")
    func subjects() {
        for files in [[], [Samples.files[0], Samples.files[0]]] {
            #expect(throws: LetheError.self) {
                try Statement(subject: files, predicate: Samples.verdict())
            }
        }
    }
}
