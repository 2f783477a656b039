internal import Foundation
internal import LetheRecords

@testable internal import LetheCertificates

extension Target {
    private static let vectors = "schemas/v1/vectors"

    static let certificateTargets = [
        Target(
            name: "envelope",
            seeds: [
                "\(vectors)/valid/envelope", "\(vectors)/invalid/envelope",
                "Tests/Fixtures/certificates",
            ]
        ) { input in
            let envelope = try Envelope(fileBytes: input)
            let written = expecting("An envelope is written") { try envelope.fileBytes() }
            require(written == input, "An envelope has two spellings")
        },
        Target(
            name: "statement",
            seeds: ["\(vectors)/valid/statement", "\(vectors)/invalid/statement"]
        ) { input in
            let statement = try CanonicalJSON.decode(Statement<ForgetVerdict>.self, from: input)
            let written = expecting("A statement is written") {
                try CanonicalJSON.encode(statement)
            }
            require(written == input, "A statement has two spellings")
            let names = statement.subject.map(\.name)
            require(Set(names).count == names.count, "A statement has a subject twice")
            _ = VerdictConsistency.contradiction(
                in: statement.predicate, on: statement.subject)
        },
        // Nobody signed anything but the one certificate: whatever else is accepted is forged.
        Target(name: "certificate", seeds: ["Tests/Fixtures/certificates"]) { input in
            let checked = try CertificateCheck(trusted: Signed.trusted).check(input)
            require(input == Signed.certificate, "A certificate that nobody signed is accepted")
            require(checked.digest == Digest(hashing: input), "A certificate has another name")
        },
        Target(name: "ssh-signature", longestInputBytes: 1024) { input in
            let armour = input.starts(with: Array("-----".utf8)) ? text(input) : armoured(input)
            let signature = try SSHSignature(armored: armour)
            let again = expecting("A signature is read again") {
                try SSHSignature(armored: signature.armored)
            }
            require(again == signature, "A signature says something else when it is read again")
            if armour != text(input) {
                require(
                    signature.armored.replacing("\n", with: "")
                        == armour.replacing("\n", with: ""),
                    "Two byte strings are the same signature")
            }
        },
        Target(name: "allowed-signers", seeds: ["Tests/Fixtures/certificates"]) { input in
            let keys = try TrustedKeys(allowedSigners: text(input))
            let lines = text(input).utf8.split(separator: 0x0A).filter { line in
                line.first != UInt8(ascii: "#")
                    && !String(decoding: line, as: UTF8.self).allSatisfy(\.isWhitespace)
            }
            require(keys.entries.count == lines.count, "A line was passed over")
            let again = expecting("Trusted keys are read again") {
                try TrustedKeys(allowedSigners: keys.allowedSigners)
            }
            require(again == keys, "Trusted keys change when they are written")
        },
        Target(name: "private-key", longestInputBytes: 256) { input in
            let key = try SigningKey(pem: text(input))
            let again = expecting("A key is read again") { try SigningKey(pem: key.pem) }
            require(again.pem == key.pem, "A key changes when it is written")
            require(!"\(key) \(String(reflecting: key))".contains("BEGIN"), "A key is printed")
        },
    ]

    private static func armoured(_ blob: [UInt8]) -> String {
        "-----BEGIN SSH SIGNATURE-----\n\(Data(blob).base64EncodedString())\n"
            + "-----END SSH SIGNATURE-----\n"
    }
}

/// The one certificate of Tests/Fixtures and the key that made it.
private enum Signed {
    static let certificate = file("v1.json")
    static let trusted = expecting("The fixture has keys") {
        try TrustedKeys(allowedSigners: text(file("v1.allowed_signers")))
    }

    /// The script runs this program in the repository's own folder.
    private static func file(_ name: String) -> [UInt8] {
        let url = URL(fileURLWithPath: "Tests/Fixtures/certificates/\(name)")
        return expecting("The fixture is there") { [UInt8](try Data(contentsOf: url)) }
    }
}
