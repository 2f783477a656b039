import Foundation
import LetheCertificates
import LetheRecords
import TestSupport
import Testing

@Suite("Keys")
struct KeyTests {
    @Test("Signatures are those of RFC 8032 section 7.1, test 3")
    func rfc8032() throws {
        let seed = "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"
        let key = try SigningKey(seed: #require(Hex.decode(seed)))
        #expect(
            Hex.encode(try key.verifyingKey.bytes)
                == "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
        let signature = try key.signature(for: [0xAF, 0x82])
        #expect(
            Hex.encode(signature)
                == "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")
        #expect(try key.verifyingKey.isValid(signature: signature, for: [0xAF, 0x82]))
        #expect(try !key.verifyingKey.isValid(signature: signature, for: [0xAF, 0x83]))
        #expect(try !key.verifyingKey.isValid(signature: [], for: [0xAF, 0x82]))
    }

    @Test("A private key is written once, for its owner only, and read back")
    func privateFile() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "key.pem")
        let key = SigningKey()
        try key.write(to: file)
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try SigningKey(contentsOf: file).pem == key.pem)
        let again = #expect(throws: LetheError.self) { try SigningKey().write(to: file) }
        #expect(again?.code == .alreadyExists)
        #expect(try SigningKey(contentsOf: file).pem == key.pem)
        let nowhere = folder.url.appending(path: "no/such/key.pem")
        #expect(throws: LetheError.self) { try key.write(to: nowhere) }
        #expect(throws: LetheError.self) { try SigningKey(contentsOf: nowhere) }
    }

    @Test("A private key that others may read is refused")
    func loosePermissions() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "key.pem")
        try SigningKey().write(to: file)
        for mode in [0o640, 0o604, 0o660] {
            try FileManager.default.setAttributes(
                [.posixPermissions: mode], ofItemAtPath: file.path)
            let error = #expect(throws: LetheError.self) { try SigningKey(contentsOf: file) }
            #expect(error?.code == .refused)
            #expect(error?.remedy?.contains("chmod 600") == true)
        }
    }

    @Test("No way of printing a private key shows it")
    func neverShown() throws {
        let key = SigningKey()
        var dumped = ""
        dump(key, to: &dumped)
        dump([key], to: &dumped)
        let printed = "\(key) \(String(reflecting: key)) \([key]) \(dumped)"
        #expect(!printed.contains("rawRepresentation") && !printed.contains("Curve25519"))
        #expect(printed.contains("(signing key)"))
    }

    @Test("A key that openssl made is read", .enabled(if: hasOpenSSL, "needs openssl"))
    func readsOpenSSL() throws {
        let folder = try TemporaryFolder()
        let made = try Tool.run(["openssl", "genpkey", "-algorithm", "ed25519"], in: folder.url)
        let key = try SigningKey(pem: made.output)
        #expect(key.pem == made.output)
    }

    @Test(
        "openssl reads our key and accepts our signature",
        .enabled(if: hasOpenSSL, "needs openssl"))
    func opensslReadsUs() throws {
        let folder = try TemporaryFolder()
        let key = SigningKey()
        try key.write(to: folder.url.appending(path: "key.pem"))
        let message = Array("a message".utf8)
        try Data(message).write(to: folder.url.appending(path: "message"))
        try Data(key.signature(for: message)).write(to: folder.url.appending(path: "signature"))
        let exported = try Tool.run(
            ["openssl", "pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "der"],
            in: folder.url)
        #expect(exported.status == 0, "\(exported.output)")
        let der = try Data(contentsOf: folder.url.appending(path: "der"))
        #expect(try Array(der.suffix(32)) == key.verifyingKey.bytes)
        let verified = try Tool.run(
            [
                "openssl", "pkeyutl", "-verify", "-inkey", "key.pem", "-rawin", "-in", "message",
                "-sigfile", "signature",
            ], in: folder.url)
        #expect(verified.status == 0, "\(verified.output)")
    }

    @Test("Anything else in a PEM file is refused")
    func wrongPEM() throws {
        let pem = SigningKey().pem
        let lines = pem.split(separator: "\n").map(String.init)
        let p256 = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg
            -----END PRIVATE KEY-----

            """
        for wrong in [
            "", lines[1], lines[0] + "\n" + lines[2] + "\n", p256, "x" + pem, pem + "x",
            pem.replacing("PRIVATE", with: "ENCRYPTED PRIVATE"),
            pem.replacing(lines[1], with: String(lines[1].dropLast(4))),
            pem.replacing("\n", with: "\r\n"),
        ] {
            let error = #expect(throws: LetheError.self, "\(wrong)") { try SigningKey(pem: wrong) }
            #expect(error?.code == .malformed)
            #expect(error?.description.contains(lines[1]) != true)
        }
    }

    @Test(
        "ssh-keygen prints the same fingerprint",
        .enabled(if: hasSSHKeygen, "needs ssh-keygen"))
    func fingerprint() throws {
        let folder = try TemporaryFolder()
        let key = try SigningKey().verifyingKey
        try Data("\(key.openSSHLine) someone\n".utf8)
            .write(to: folder.url.appending(path: "key.pub"))
        let printed = try Tool.run(["ssh-keygen", "-l", "-f", "key.pub"], in: folder.url)
        #expect(printed.output.split(separator: " ").dropFirst().first == key.identifier[...])
        #expect(try VerifyingKey(openSSHLine: "\(key.openSSHLine) some one\n") == key)
    }

    @Test("Other kinds of public key and damaged lines are refused")
    func wrongPublicKeys() throws {
        let line = try SigningKey().verifyingKey.openSSHLine
        let short =
            "ssh-ed25519 " + Data([0, 0, 0, 11] + Array("ssh-ed25519".utf8)).base64EncodedString()
        for wrong in [
            "", "ssh-ed25519", "ssh-rsa AAAA", "ssh-ed25519 AAAA", line + "=",
            String(line.dropLast(4)), line.replacing("AAAAC3", with: "AAAAD3"), short,
            "sk-" + line,
        ] {
            #expect(throws: LetheError.self, "\(wrong)") { try VerifyingKey(openSSHLine: wrong) }
        }
    }
}
