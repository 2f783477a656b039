public import LetheRecords

/// The keys that a registry trusts, each in one role: the allowed_signers file of OpenSSH
/// (ssh-keygen(1), "ALLOWED SIGNERS"), with the role as principal.
///
/// A line: `verifier namespaces="lethe-certificate" ssh-ed25519 AAAA… comment`. The same file
/// serves `git -c gpg.ssh.allowedSignersFile=… verify-commit`.
public struct TrustedKeys: Sendable, Equatable {
    /// One trusted key.
    public struct Entry: Sendable, Equatable {
        /// What the key may sign.
        public let role: KeyRole
        /// The key.
        public let key: VerifyingKey
        /// A note behind the key; empty for none.
        public let comment: String

        /// Trusts a key in a role; line breaks in the comment become spaces.
        public init(role: KeyRole, key: VerifyingKey, comment: String = "") {
            self.role = role
            self.key = key
            // Not by characters: a space and an accent behind it are one.
            self.comment = comment.unicodeScalars.split(whereSeparator: \.properties.isWhitespace)
                .map(String.init).joined(separator: " ")
        }
    }

    /// The trusted keys in the order of the file.
    public let entries: [Entry]

    /// Trusts keys.
    ///
    /// - Throws: `invalidArgument` for a key that is named twice: one key has one role, and so
    ///   nobody certifies their own work.
    public init(_ entries: [Entry]) throws(LetheError) {
        var seen: [VerifyingKey: KeyRole] = [:]
        for entry in entries {
            if let role = seen.updateValue(entry.role, forKey: entry.key) {
                throw LetheError(
                    code: .invalidArgument,
                    message: "The key \(entry.key) is trusted twice, as \(role.rawValue) and as "
                        + "\(entry.role.rawValue).",
                    remedy: "Make a key of its own for each role.")
            }
        }
        self.entries = entries
    }

    /// Reads the text of an allowed_signers file; empty lines and lines that begin with `#` are
    /// passed over.
    ///
    /// - Throws: `malformed` naming the line; also for options that Lethe does not honour
    ///   (`valid-before`, `cert-authority` …), because passing over them would trust too much.
    public init(allowedSigners text: String) throws(LetheError) {
        var entries: [Entry] = []
        // Bytes, not characters: Swift takes a line break of Windows for one character.
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, bytes) in lines.enumerated() where bytes.first != UInt8(ascii: "#") {
            let line = String(decoding: bytes, as: UTF8.self)
            if line.unicodeScalars.allSatisfy(\.properties.isWhitespace) { continue }
            entries.append(try Self.entry(line, number: index + 1))
        }
        try self.init(entries)
    }

    /// The text of the allowed_signers file.
    public var allowedSigners: String {
        entries.map { entry in
            let options = "namespaces=\"\(entry.role.namespace)\""
            let comment = entry.comment.isEmpty ? "" : " \(entry.comment)"
            return "\(entry.role.rawValue) \(options) \(entry.key.openSSHLine)\(comment)\n"
        }.joined()
    }

    /// The keys of a role.
    public func keys(of role: KeyRole) -> [VerifyingKey] {
        entries.filter { $0.role == role }.map(\.key)
    }

    /// The entry of a fingerprint (`SHA256:…`), if that key is trusted in any role.
    public func entry(identifier: String) -> Entry? {
        entries.first { $0.key.identifier == identifier }
    }

    private static func entry(
        _ line: String, number: Int
    ) throws(LetheError) -> Entry {
        let words = line.unicodeScalars
            .split(maxSplits: 4, whereSeparator: \.properties.isWhitespace).map(String.init)
        guard words.count >= 4, let role = KeyRole(rawValue: words[0]) else {
            throw malformed(
                number,
                "it does not begin with one of the roles "
                    + KeyRole.allCases.map(\.rawValue).joined(separator: ", ")
                    + ", then namespaces and a key")
        }
        guard words[1] == "namespaces=\"\(role.namespace)\"" else {
            throw malformed(
                number,
                "a key of the \(role.rawValue) has the one option "
                    + "namespaces=\"\(role.namespace)\"")
        }
        let key = try VerifyingKey(openSSHLine: words[2] + " " + words[3])
        return Entry(role: role, key: key, comment: words.count > 4 ? words[4] : "")
    }

    private static func malformed(_ line: Int, _ reason: String) -> LetheError {
        LetheError(
            code: .malformed, message: "Line \(line) of the trusted keys is refused: \(reason).",
            remedy: "Correct the line by the example in docs/FORMAT.md.")
    }
}
