internal import Crypto

/// A SHA-256 digest (FIPS 180-4), the name of bytes everywhere in Lethe.
public struct Digest: Sendable, Hashable, Comparable, CustomStringConvertible, Codable {
    /// Sixty-four lower-case hexadecimal digits.
    public let hex: String

    /// Takes sixty-four lower-case hexadecimal digits; nil for anything else.
    public init?(hex: String) {
        guard hex.utf8.count == 64, hex.utf8.allSatisfy(Digest.isLowerHex) else { return nil }
        self.hex = hex
    }

    /// Takes `sha256:` and sixty-four lower-case hexadecimal digits; nil for anything else.
    public init?(_ description: String) {
        guard description.hasPrefix("sha256:") else { return nil }
        self.init(hex: String(description.dropFirst(7)))
    }

    /// Hashes bytes.
    public init(hashing bytes: some Sequence<UInt8>) {
        var hasher = DigestHasher()
        hasher.update(Array(bytes))
        self = hasher.finalize()
    }

    init(raw: some Sequence<UInt8>) {
        hex = Hex.encode(raw)
    }

    /// The 32 raw bytes.
    public var bytes: [UInt8] { Hex.decode(hex) ?? [] }

    /// `sha256:` and the digits, as records spell it.
    public var description: String { "sha256:\(hex)" }

    /// Orders by the digits.
    public static func < (left: Digest, right: Digest) -> Bool { left.hex < right.hex }

    /// Reads the `sha256:…` spelling.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let digest = Digest(text) else {
            throw LetheError(
                code: .malformed, message: "\"\(text.prefix(80))\" is not a sha256: digest.")
        }
        self = digest
    }

    /// Writes the `sha256:…` spelling.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    private static func isLowerHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}

/// Hashes bytes that arrive in pieces.
public struct DigestHasher: Sendable {
    private var state = SHA256()

    /// Starts with no bytes.
    public init() {}

    /// Adds bytes.
    public mutating func update(_ bytes: [UInt8]) {
        state.update(data: bytes)
    }

    /// Adds the bytes of a buffer that outlives the call.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        unsafe state.update(bufferPointer: bytes)
    }

    /// The digest of everything added so far.
    public func finalize() -> Digest {
        Digest(raw: state.finalize())
    }
}
