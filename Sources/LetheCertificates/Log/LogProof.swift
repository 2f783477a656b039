internal import Foundation
public import LetheRecords

/// Proof that an entry is in a log, in one file (C2SP tlog-proof); the entry itself is its
/// `extra` line, so that nothing else is needed to check it.
public struct LogProof: Sendable, Equatable {
    /// The entry as the log has it.
    public let entry: [UInt8]
    /// Where it is, from 0.
    public let index: Int
    /// The hashes beside its way to the root, its sibling first.
    public let path: [TreeHash]
    /// The signed checkpoint, byte for byte.
    public let checkpoint: [UInt8]

    private static let header = "c2sp.org/tlog-proof@v1"
    /// A proof is refused above this.
    public static let limitBytes = 2 << 20

    /// Puts a proof together; nothing is checked.
    public init(entry: [UInt8], index: Int, path: [TreeHash], checkpoint: [UInt8]) {
        self.entry = entry
        self.index = index
        self.path = path
        self.checkpoint = checkpoint
    }

    /// Reads a proof from the exact bytes that `fileBytes` gives.
    ///
    /// - Throws: `malformed`.
    public init(fileBytes bytes: [UInt8]) throws(LetheError) {
        guard bytes.count <= LogProof.limitBytes,
            let text = String(validating: bytes, as: UTF8.self),
            let blank = text.range(of: "\n\n")
        else { throw LogProof.malformed }
        let lines = text[..<blank.lowerBound].split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        guard lines.count >= 3, lines[0] == LogProof.header, lines[1].hasPrefix("extra "),
            let entry = Base64.decode(String(lines[1].dropFirst(6))),
            lines[2].hasPrefix("index "), let index = Int(lines[2].dropFirst(6)), index >= 0
        else { throw LogProof.malformed }
        var path: [TreeHash] = []
        for line in lines.dropFirst(3) {
            guard path.count < 64, let hash = Base64.decode(line).flatMap(TreeHash.init(bytes:))
            else { throw LogProof.malformed }
            path.append(hash)
        }
        self.init(
            entry: entry, index: index, path: path,
            checkpoint: Array(text[blank.upperBound...].utf8))
        guard fileBytes == bytes else { throw LogProof.malformed }
    }

    /// The bytes of the file.
    public var fileBytes: [UInt8] {
        let head = [
            LogProof.header, "extra \(Base64.encode(entry))", "index \(index)",
        ]
        let lines = head + path.map { Base64.encode($0.bytes) } + ["", ""]
        return Array(lines.joined(separator: "\n").utf8) + checkpoint
    }

    /// Checks the proof against trusted keys; needs no registry, git or network.
    ///
    /// - Parameter origin: The log that it must be of; nil for any whose operator is trusted.
    /// - Throws: `integrity` if it does not hold or was changed, `refused` if no trusted operator
    ///   signed the checkpoint or it is another log's, `unsupported` for an entry of another kind.
    public func check(
        trusted: TrustedKeys, origin: String? = nil
    ) throws(LetheError) -> LogLeaf {
        let checkpoint: Checkpoint
        do throws(LetheError) {
            checkpoint = try SignedCheckpoint.open(
                self.checkpoint, trusted: trusted, origin: origin)
        } catch  where error.code == .malformed {
            throw LogProof.broken("its checkpoint is malformed", cause: error)
        }
        let leaf = TreeHash.leaf(entry)
        guard
            TreeProofs.isIncluded(
                leaf, at: index, in: checkpoint.size, root: checkpoint.root, path: path)
        else { throw LogProof.broken("the entry is not in the log where it says") }
        return try LogLeaf.read(canonical: entry)
    }

    static func broken(_ reason: String, cause: LetheError? = nil) -> LetheError {
        LetheError(
            code: .integrity, message: "The log proof does not hold: \(reason).",
            remedy: "Fetch it again with lethe proof.", cause: cause)
    }

    private static var malformed: LetheError {
        LetheError(
            code: .malformed, message: "The bytes are no log proof.",
            remedy: "Fetch it again with lethe proof; the form is C2SP tlog-proof.")
    }
}
