import Foundation
import LetheCertificates
import LetheRecords
import TestSupport
import Testing

@Suite("SSH signatures")
struct SSHSignatureTests {
    private static let message = Array("tree 0\n\nA message.\n".utf8)

    @Test(
        "ssh-keygen accepts our signature, and refuses it over another message",
        .enabled(if: hasSSHKeygen, "needs ssh-keygen"))
    func sshKeygenAcceptsUs() throws {
        let folder = try TemporaryFolder()
        let parties = try Parties()
        let signature = try SSHSignature(signing: Self.message, with: parties.operator)
        try Data(signature.armored.utf8).write(to: folder.url.appending(path: "signature"))
        try Data(parties.trusted.allowedSigners.utf8)
            .write(to: folder.url.appending(path: "allowed_signers"))
        func verify(_ principal: String, _ message: [UInt8]) throws -> Int32 {
            try Tool.run(
                [
                    "ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", principal, "-n",
                    "git", "-s", "signature",
                ], in: folder.url, input: message
            ).status
        }
        #expect(try verify("operator", Self.message) == 0)
        #expect(try verify("operator", Self.message + [0]) != 0)
        #expect(try verify("verifier", Self.message) != 0)
    }

    @Test(
        "We accept what ssh-keygen signs, and write it byte for byte alike",
        .enabled(if: hasSSHKeygen, "needs ssh-keygen"), arguments: ["sha256", "sha512"])
    func acceptsSSHKeygen(hash: String) throws {
        let folder = try TemporaryFolder()
        let made = try Tool.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "key"], in: folder.url)
        #expect(made.status == 0, "\(made.output)")
        let message = folder.url.appending(path: "message")
        try Data(Self.message).write(to: message)
        let signed = try Tool.run(
            [
                "ssh-keygen", "-Y", "sign", "-n", "git", "-O", "hashalg=\(hash)", "-f", "key",
                "message",
            ], in: folder.url)
        #expect(signed.status == 0, "\(signed.output)")
        let text = try String(
            contentsOf: folder.url.appending(path: "message.sig"), encoding: .utf8)
        let signature = try SSHSignature(armored: text)
        #expect(signature.isValid(for: Self.message))
        #expect(!signature.isValid(for: Self.message + [10]))
        #expect(!signature.isValid(for: Self.message, namespace: "file"))
        #expect(signature.armored == text)
        let line = try String(contentsOf: folder.url.appending(path: "key.pub"), encoding: .utf8)
        #expect(try signature.key == VerifyingKey(openSSHLine: line))
    }

    @Test("git verify-commit accepts a commit that we signed", .enabled(if: hasGit, "needs git"))
    func gitVerifiesCommit() throws {
        let folder = try TemporaryFolder()
        let parties = try Parties()
        try Data(parties.trusted.allowedSigners.utf8)
            .write(to: folder.url.appending(path: "allowed_signers"))
        _ = try Tool.run(["git", "init", "-q", "--bare", "."], in: folder.url)
        let tree = try Tool.run(["git", "mktree"], in: folder.url).output
        let head =
            "tree \(tree)author A <a@b> 1800000000 +0000\ncommitter A <a@b> 1800000000 +0000\n"
        let payload = head + "\nPublish.\n"
        let signature = try SSHSignature(signing: Array(payload.utf8), with: parties.operator)
        let folded = signature.armored.split(separator: "\n").joined(separator: "\n ")
        let commit = head + "gpgsig \(folded)\n\nPublish.\n"
        func verify(_ commit: String) throws -> Tool.Result {
            let name = try Tool.run(
                ["git", "hash-object", "-t", "commit", "-w", "--stdin"], in: folder.url,
                input: Array(commit.utf8)
            ).output.trimmingCharacters(in: .whitespacesAndNewlines)
            return try Tool.run(
                [
                    "git", "-c", "gpg.ssh.allowedSignersFile=allowed_signers", "verify-commit",
                    name,
                ], in: folder.url)
        }
        let good = try verify(commit)
        #expect(good.status == 0, "\(good.output)")
        #expect(good.output.contains("Good \"git\" signature for operator"))
        #expect(try verify(commit.replacing("Publish.", with: "Publish!")).status != 0)
    }

    @Test("A signature counts only for a trusted key in the right role")
    func roles() throws {
        let parties = try Parties()
        let good = try SSHSignature(signing: Self.message, with: parties.operator)
        try good.check(Self.message, trusted: parties.trusted)
        let changed = #expect(throws: LetheError.self) {
            try good.check(Self.message + [0], trusted: parties.trusted)
        }
        #expect(changed?.code == .integrity)
        for key in [parties.verifier, SigningKey()] {
            let signature = try SSHSignature(signing: Self.message, with: key)
            let error = #expect(throws: LetheError.self) {
                try signature.check(Self.message, trusted: parties.trusted)
            }
            #expect(error?.code == .refused)
        }
    }

    @Test("A changed byte anywhere in the armored text is detected")
    func everyByte() throws {
        let text = Array(try SSHSignature(signing: Self.message, with: SigningKey()).armored.utf8)
        for position in text.indices {
            var changed = text
            changed[position] ^= 1
            let signature = try? SSHSignature(armored: String(decoding: changed, as: UTF8.self))
            #expect(signature?.isValid(for: Self.message) != true, "position \(position)")
        }
        for count in 0..<text.count - 1 {
            let cut = String(decoding: text[..<count], as: UTF8.self)
            #expect(throws: LetheError.self) { try SSHSignature(armored: cut) }
        }
    }
}
