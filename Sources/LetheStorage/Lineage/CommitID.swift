internal import LetheRecords

/// The name of a commit: forty lower-case hexadecimal digits (SHA-1, because git says so).
///
/// It finds a commit; it proves nothing. Trust flows through the SHA-256 digests in the records.
public struct CommitID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The forty digits.
    public let hex: String

    /// Takes forty lower-case hexadecimal digits; nil for anything else.
    public init?(_ hex: String) {
        let isHex = hex.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
        }
        guard hex.utf8.count == 40, isHex else { return nil }
        self.hex = hex
    }

    /// Takes twenty raw bytes.
    init(rawBytes: [UInt8]) {
        hex = Hex.encode(rawBytes)
    }

    /// The forty digits.
    public var description: String { hex }

    /// Orders by the digits.
    public static func < (left: CommitID, right: CommitID) -> Bool { left.hex < right.hex }
}
