import LetheCertificates
import LetheRecords
import Testing

@Suite("Trusted keys")
struct TrustedKeysTests {
    @Test("The file is written and read back; notes are passed over")
    func roundTrip() throws {
        let parties = try Parties()
        let text = parties.trusted.allowedSigners
        #expect(text.contains("verifier namespaces=\"lethe-certificate\" ssh-ed25519 AAAA"))
        #expect(text.contains(" on duty\n"))
        #expect(try TrustedKeys(allowedSigners: "# a note\n\n" + text) == parties.trusted)
        let key = try parties.verifier.verifyingKey
        #expect(parties.trusted.keys(of: .verifier) == [key])
        #expect(parties.trusted.entry(identifier: key.identifier)?.role == .verifier)
        #expect(parties.trusted.entry(identifier: "SHA256:x") == nil)
    }

    @Test("One key cannot have two roles")
    func oneRole() throws {
        let key = try SigningKey().verifyingKey
        let both = KeyRole.allCases.map { TrustedKeys.Entry(role: $0, key: key) }
        #expect(throws: LetheError.self) { try TrustedKeys(both) }
        let text =
            "operator namespaces=\"git\" \(key.openSSHLine)\n"
            + "verifier namespaces=\"lethe-certificate\" \(key.openSSHLine)\n"
        #expect(throws: LetheError.self) { try TrustedKeys(allowedSigners: text) }
    }

    @Test("A line that would trust more or less than it says is refused")
    func wrongLines() throws {
        let key = try SigningKey().verifyingKey.openSSHLine
        for wrong in [
            "operator \(key)", "stranger namespaces=\"git\" \(key)",
            "operator namespaces=\"git,file\" \(key)", "operator namespaces=\"*\" \(key)",
            "verifier namespaces=\"git\" \(key)", "operator,verifier namespaces=\"git\" \(key)",
            "operator namespaces=\"git\",valid-before=\"20200101\" \(key)",
            "operator cert-authority \(key)", "* namespaces=\"git\" \(key)",
            "operator namespaces=\"git\" ssh-rsa AAAA", "operator",
        ] {
            #expect(throws: LetheError.self, "\(wrong)") {
                try TrustedKeys(allowedSigners: wrong + "\n")
            }
        }
    }

    @Test("Lines that end as on Windows are lines: no key hides in the comment of another")
    func windowsLineBreaks() throws {
        let parties = try Parties()
        let text = "# a note\r\n" + parties.trusted.allowedSigners.replacing("\n", with: "\r\n")
        #expect(try TrustedKeys(allowedSigners: text) == parties.trusted)
    }

    @Test("A comment is read as it was written, also an accent behind a space")
    func commentsStay() throws {
        let key = try SigningKey().verifyingKey
        for comment in ["a\t\u{301}b", "\u{301}", "a \u{301}", "a \u{FE0F} b", "\u{2003}\u{200D}"] {
            let trusted = try TrustedKeys([.init(role: .operator, key: key, comment: comment)])
            let text = trusted.allowedSigners
            let read = try TrustedKeys(allowedSigners: text)
            #expect(read == trusted && read.allowedSigners == text, "\(comment.debugDescription)")
        }
    }

    @Test("A comment cannot bring a second line into the file")
    func commentWithLineBreak() throws {
        let key = try SigningKey().verifyingKey
        let entry = TrustedKeys.Entry(role: .operator, key: key, comment: "a\nverifier b")
        let trusted = try TrustedKeys([entry])
        #expect(try TrustedKeys(allowedSigners: trusted.allowedSigners) == trusted)
        #expect(trusted.keys(of: .verifier).isEmpty)
    }
}
