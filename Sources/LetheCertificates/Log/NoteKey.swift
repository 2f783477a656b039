public import LetheRecords

/// A named Ed25519 key of a signed note (C2SP signed-note, signature type 0x01).
public struct NoteKey: Sendable, Hashable, CustomStringConvertible {
    /// The name in the signature line; for a log its origin.
    public let name: String
    /// The key.
    public let key: VerifyingKey

    private static let ed25519: UInt8 = 0x01

    /// Names a key.
    ///
    /// - Throws: `invalidArgument` for an empty name or one with white space, control characters
    ///   or a plus sign.
    public init(name: String, key: VerifyingKey) throws(LetheError) {
        guard NoteKey.isValid(name) else {
            throw LetheError(
                code: .invalidArgument, message: "\"\(name.prefix(80))\" is no name of a note key.",
                remedy: "Use a name without white space and without \"+\".")
        }
        self.name = name
        self.key = key
    }

    /// Reads a verifier key: `<name>+<eight digits>+<base64>`.
    ///
    /// - Throws: `malformed` for anything that `verifierKey` does not give, `unsupported` for
    ///   another kind of key.
    public init(verifierKey text: String) throws(LetheError) {
        let parts = text.split(
            separator: "+", maxSplits: 2, omittingEmptySubsequences: false
        ).map(String.init)
        guard parts.count == 3, let bytes = Base64.decode(parts[2]), let type = bytes.first else {
            throw NoteKey.malformed
        }
        guard type == NoteKey.ed25519 else {
            throw LetheError(
                code: .unsupported, message: "The verifier key is not an Ed25519 key.",
                remedy: "Lethe checks Ed25519 signatures on notes (type 0x01).")
        }
        let key = try VerifyingKey(bytes: Array(bytes.dropFirst()))
        guard NoteKey.isValid(parts[0]) else { throw NoteKey.malformed }
        try self.init(name: parts[0], key: key)
        guard verifierKey == text else { throw NoteKey.malformed }
    }

    /// The four bytes by which a signature names its key: the beginning of SHA-256 of name, line
    /// break, 0x01 and key.
    public var identifier: [UInt8] {
        let text = Array(name.utf8) + [0x0A, NoteKey.ed25519] + key.bytes
        return Array(Digest(hashing: text).bytes.prefix(4))
    }

    /// The text in which verifier keys are handed around.
    public var verifierKey: String {
        "\(name)+\(Hex.encode(identifier))+\(Base64.encode([NoteKey.ed25519] + key.bytes))"
    }

    /// The verifier key.
    public var description: String { verifierKey }

    static func isValid(_ name: String) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy {
                $0 != "+" && $0.value >= 0x20 && !$0.properties.isWhitespace
            }
    }

    private static var malformed: LetheError {
        LetheError(
            code: .malformed, message: "The text is no verifier key of a note.",
            remedy: "It reads <name>+<eight digits>+<base64>.")
    }
}
