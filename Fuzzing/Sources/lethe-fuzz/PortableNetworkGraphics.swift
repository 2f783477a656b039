/// Chunks of PNG files (RFC 2083 section 3).
enum PortableNetworkGraphics {
    /// The file with the checksum of every whole chunk put right, so that the fuzzer need not guess
    /// them.
    static func mended(_ file: [UInt8]) -> [UInt8] {
        var bytes = file
        var offset = 8
        while offset + 12 <= bytes.count {
            let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            let end = offset + 8 + length
            guard end + 4 <= bytes.count else { break }
            let sum = checksum(bytes[(offset + 4)..<end])
            for byte in 0..<4 {
                bytes[end + byte] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * byte))
            }
            offset = end + 4
        }
        return bytes
    }

    /// CRC-32 (RFC 2083 section 15).
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { sum, byte in
            table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8
        }
    }

    private static let table: [UInt32] = (0..<256).map { number in
        (0..<8).reduce(UInt32(number)) { sum, _ in
            sum & 1 == 1 ? 0xEDB8_8320 ^ sum >> 1 : sum >> 1
        }
    }
}
