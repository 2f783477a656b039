public import LetheRecords

/// A text with signatures below it (C2SP signed-note).
public struct SignedNote: Sendable, Equatable {
    /// One signature line.
    public struct Signature: Sendable, Hashable {
        /// The name of the key that signed.
        public let name: String
        /// Its identifier, four bytes; a hint.
        public let identifier: [UInt8]
        /// The signature itself.
        public let bytes: [UInt8]
    }

    /// The signed text; it ends in a line break.
    public let text: String
    /// The signatures in the order of the note, known and unknown ones.
    public let signatures: [Signature]

    /// A note is refused above this.
    public static let limitBytes = 1_000_000
    private static let signatureLimit = 100
    private static let dash = "\u{2014} "

    /// Signs a text.
    ///
    /// - Throws: `malformed` for a text that does not end in a line break or holds other control
    ///   characters; `invalidArgument` for a name that is none; `io`.
    public init(signing text: String, as name: String, with key: SigningKey) throws(LetheError) {
        guard SignedNote.isValid(text) else { throw SignedNote.malformed("its text is none") }
        let noteKey = try NoteKey(name: name, key: key.verifyingKey)
        self.text = text
        signatures = [
            Signature(
                name: name, identifier: noteKey.identifier,
                bytes: try key.signature(for: Array(text.utf8)))
        ]
    }

    /// Reads a note; the signatures are not checked.
    ///
    /// - Throws: `malformed` saying what is wrong.
    public init(bytes: [UInt8]) throws(LetheError) {
        guard bytes.count <= SignedNote.limitBytes,
            let note = String(validating: bytes, as: UTF8.self), SignedNote.isValid(note)
        else { throw SignedNote.malformed("it is no text, or too long") }
        // Line breaks never join with other scalars here: no control character but U+000A is in it.
        let lines = note.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
        guard let blank = lines.lastIndex(where: \.isEmpty), blank > lines.startIndex,
            blank < lines.endIndex - 1, lines.endIndex - 1 - blank <= SignedNote.signatureLimit
        else { throw SignedNote.malformed("it has no text, no signature, or too many") }
        text = lines[..<blank].map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
        var found: [Signature] = []
        for line in lines[(blank + 1)...] {
            found.append(try SignedNote.signature(String(decoding: line, as: UTF8.self)))
        }
        signatures = found
        guard self.bytes == bytes else { throw SignedNote.malformed("it is misspelt") }
    }

    /// The note as a file.
    public var bytes: [UInt8] {
        let lines = signatures.map {
            "\(SignedNote.dash)\($0.name) \(Base64.encode($0.identifier + $0.bytes))\n"
        }
        return Array((text + "\n" + lines.joined()).utf8)
    }

    /// Which of these keys signed the text; signatures of other keys are passed over.
    ///
    /// - Throws: `integrity` if a signature that names one of the keys does not hold, `refused` if
    ///   none of the keys signed.
    @discardableResult
    public func check(_ keys: [NoteKey]) throws(LetheError) -> [NoteKey] {
        var signers: [NoteKey] = []
        for signature in signatures {
            guard
                let key = keys.first(where: {
                    $0.name == signature.name && $0.identifier == signature.identifier
                })
            else { continue }
            guard key.key.isValid(signature: signature.bytes, for: Array(text.utf8)) else {
                throw LetheError(
                    code: .integrity,
                    message: "The signature of \(signature.name) does not match the note.",
                    remedy: "Fetch the note again from a source that you trust.")
            }
            if !signers.contains(key) { signers.append(key) }
        }
        guard !signers.isEmpty else {
            throw LetheError(
                code: .refused, message: "No trusted key signed the note.",
                remedy: "Add the key to the trusted keys if you know whose it is.")
        }
        return signers
    }

    private static func signature(_ line: String) throws(LetheError) -> Signature {
        let words = line.dropFirst(dash.count).split(
            separator: " ", omittingEmptySubsequences: false)
        guard line.hasPrefix(dash), words.count == 2, NoteKey.isValid(String(words[0])),
            let bytes = Base64.decode(String(words[1])), bytes.count > 4
        else { throw malformed("a signature line is not dash, name and base64") }
        return Signature(
            name: String(words[0]), identifier: Array(bytes.prefix(4)),
            bytes: Array(bytes.dropFirst(4)))
    }

    private static func isValid(_ text: String) -> Bool {
        text.utf8.last == 0x0A && text.utf8.count > 1
            && text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A }
    }

    private static func malformed(_ reason: String) -> LetheError {
        LetheError(
            code: .malformed, message: "The signed note is malformed: \(reason).",
            remedy: "Fetch it again; the form is C2SP signed-note.")
    }
}
