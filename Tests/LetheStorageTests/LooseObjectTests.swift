import Testing

@testable import LetheStorage

@Suite("Loose git objects")
struct LooseObjectTests {
    @Test("The one spelling of an object is read")
    func spelling() throws {
        for (type, body) in [("blob", "hello\n"), ("tree", ""), ("commit", "x"), ("tag", "x")] {
            let object = try #require(
                LooseObject.contents(of: zlib("\(type) \(body.utf8.count)\0\(body)")))
            #expect(object.type == type)
            #expect(object.bytes == Array(body.utf8))
        }
    }

    @Test(
        "Another spelling is refused: its digest would be that of the one spelling",
        arguments: [
            "blob  2\0ab", " blob 2\0ab", "blob 2 \0ab", "blob 02\0ab", "blob +2\0ab", "blob 3\0ab",
            "blob 1\0ab", "blob\0ab", "blob2\0ab", "BLOB 2\0ab", "note 2\0ab", "blob 2", "", "\0",
        ])
    func otherSpelling(object: String) {
        #expect(LooseObject.contents(of: zlib(object)) == nil)
    }

    @Test("Bytes behind the compressed ones are refused, and missing ones")
    func length() {
        let whole = zlib("blob 2\0ab")
        #expect(LooseObject.contents(of: whole) != nil)
        #expect(LooseObject.contents(of: whole + [0]) == nil)
        for count in 0..<whole.count {
            #expect(LooseObject.contents(of: Array(whole.prefix(count))) == nil)
        }
    }

    /// One stored block (RFC 1950, RFC 1951 section 3.2.4).
    private func zlib(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let length = [UInt8(bytes.count & 0xFF), UInt8(bytes.count >> 8)]
        let (low, high) = bytes.reduce((UInt32(1), UInt32(0))) { sums, byte in
            let low = (sums.0 + UInt32(byte)) % 65_521
            return (low, (sums.1 + low) % 65_521)
        }
        let checksum = [high >> 8, high, low >> 8, low].map { UInt8(truncatingIfNeeded: $0) }
        return [0x78, 0x01, 0x01] + length + length.map { ~$0 } + bytes + checksum
    }
}
