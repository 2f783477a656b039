/// A JSON reader for hostile input: no duplicate names, no deep nesting, no numbers that lose
/// digits, no bytes after the value, valid UTF-8 only (RFC 8259, RFC 7493).
public enum StrictJSON {
    /// How deep arrays and objects may nest.
    public static let maximumDepth = 64

    /// Reads one JSON value.
    ///
    /// - Throws: `malformed` with the byte offset and the reason.
    public static func parse(_ bytes: [UInt8]) throws(LetheError) -> JSONValue {
        var reader = StrictReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        try reader.end()
        return value
    }
}

private struct StrictReader {
    let bytes: [UInt8]
    var offset = 0

    func failure(_ reason: String) -> LetheError {
        LetheError(code: .malformed, message: "Not valid JSON at byte \(offset): \(reason).")
    }

    mutating func skipWhiteSpace() {
        while offset < bytes.count, Self.isWhiteSpace(bytes[offset]) { offset += 1 }
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    mutating func end() throws(LetheError) {
        skipWhiteSpace()
        if offset != bytes.count { throw failure("bytes after the value") }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    mutating func value(depth: Int) throws(LetheError) -> JSONValue {
        guard depth <= StrictJSON.maximumDepth else { throw failure("nested too deeply") }
        skipWhiteSpace()
        guard offset < bytes.count else { throw failure("the value is missing") }
        switch bytes[offset] {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    mutating func word(_ text: String, _ value: JSONValue) throws(LetheError) -> JSONValue {
        guard bytes[offset...].starts(with: text.utf8) else { throw failure("an unknown word") }
        offset += text.utf8.count
        return value
    }

    mutating func array(depth: Int) throws(LetheError) -> JSONValue {
        offset += 1
        var elements: [JSONValue] = []
        skipWhiteSpace()
        if take(UInt8(ascii: "]")) { return .array([]) }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipWhiteSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure("an array that does not end") }
        return .array(elements)
    }

    mutating func object(depth: Int) throws(LetheError) -> JSONValue {
        offset += 1
        var members: [String: JSONValue] = [:]
        skipWhiteSpace()
        if take(UInt8(ascii: "}")) { return .object([:]) }
        repeat {
            skipWhiteSpace()
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
                throw failure("a member without a name")
            }
            let name = try string()
            skipWhiteSpace()
            guard take(UInt8(ascii: ":")) else { throw failure("a member without a value") }
            guard members.updateValue(try value(depth: depth + 1), forKey: name) == nil else {
                throw failure("the name \"\(name.prefix(80))\" appears twice")
            }
            skipWhiteSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure("an object that does not end") }
        return .object(members)
    }

    mutating func number() throws(LetheError) -> Double {
        let start = offset
        while offset < bytes.count, isNumberByte(bytes[offset]) { offset += 1 }
        let isInteger = StrictReader.isInteger(bytes[start..<offset])
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard let isInteger, let value = Double(text), value.isFinite else {
            throw failure("not a number")
        }
        // The canonical form is all digits up to 10^21, however the number is spelled here.
        if isInteger || value.magnitude < 1e21, value.magnitude >= 9_007_199_254_740_992 {
            throw failure("an integer of 2^53 or more, which JSON readers round")
        }
        return value
    }

    private func isNumberByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || "+-.eE".utf8.contains(byte)
    }

    /// Whether a number has neither fraction nor exponent; nil for none (RFC 8259 section 6).
    ///
    /// Byte by byte: recipes have hundreds of numbers, and a regular expression is slow.
    private static func isInteger(_ text: ArraySlice<UInt8>) -> Bool? {
        var rest = text
        func digits() -> Int {
            let count = rest.prefix { (0x30...0x39).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let startsWithZero = rest.first == UInt8(ascii: "0")
        let wholeCount = digits()
        guard wholeCount > 0, !startsWithZero || wholeCount == 1 else { return nil }
        if rest.isEmpty { return true }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits() > 0 else { return nil }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
                rest = rest.dropFirst()
            }
            guard digits() > 0 else { return nil }
        }
        return rest.isEmpty ? false : nil
    }

    mutating func string() throws(LetheError) -> String {
        offset += 1
        var text: [UInt8] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("a string that is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw failure("a control character in a string")
            default: text.append(byte)
            }
        }
        throw failure("a string that does not end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(LetheError) {
        guard offset < bytes.count else { throw failure("an escape that does not end") }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try unicode()).utf8)
        default: throw failure("an unknown escape")
        }
    }

    private mutating func unicode() throws(LetheError) -> Character {
        var code = try fourDigits()
        if (0xD800..<0xDC00).contains(code) {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                throw failure("half a surrogate pair")
            }
            let low = try fourDigits()
            guard (0xDC00..<0xE000).contains(low) else { throw failure("half a surrogate pair") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw failure("half a surrogate pair") }
        return Character(scalar)
    }

    private mutating func fourDigits() throws(LetheError) -> UInt32 {
        guard offset + 4 <= bytes.count,
            let value = UInt32(
                String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16),
            bytes[offset] != UInt8(ascii: "+"), bytes[offset] != UInt8(ascii: "-")
        else { throw failure("an escape without four digits") }
        offset += 4
        return value
    }
}
