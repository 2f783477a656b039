internal import LetheRecords

/// Strings of the SSH wire format: a big-endian length of four bytes, then the bytes
/// (RFC 4251 section 5).
enum SSHWire {
    static func string(_ bytes: [UInt8]) -> [UInt8] {
        integer(UInt32(bytes.count)) + bytes
    }

    static func integer(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

/// Takes SSH wire values off the front of bytes from outside.
struct SSHWireReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    mutating func take(_ count: Int) throws(LetheError) -> [UInt8] {
        guard count <= rest.count else {
            throw LetheError(code: .malformed, message: "An SSH key or signature is truncated.")
        }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func integer() throws(LetheError) -> UInt32 {
        try take(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func string() throws(LetheError) -> [UInt8] {
        try take(Int(integer()))
    }

    func end() throws(LetheError) {
        guard rest.isEmpty else {
            throw LetheError(
                code: .malformed, message: "An SSH key or signature has bytes behind its end.")
        }
    }
}
