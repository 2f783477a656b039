/// Writes the canonical form of RFC 8785: members sorted by UTF-16 code units, no white space,
/// minimal escapes, numbers as ECMAScript prints them.
struct CanonicalWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: JSONValue) throws(LetheError) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .number(let value): append(try CanonicalNumber.text(value))
        case .string(let text): write(string: text)
        case .array(let elements): try write(array: elements)
        case .object(let members): try write(object: members)
        }
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func write(array elements: [JSONValue]) throws(LetheError) {
        append("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { append(",") }
            try write(element)
        }
        append("]")
    }

    private mutating func write(object members: [String: JSONValue]) throws(LetheError) {
        append("{")
        let sorted = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
        for (index, member) in sorted.enumerated() {
            if index > 0 { append(",") }
            write(string: member.key)
            append(":")
            try write(member.value)
        }
        append("}")
    }

    mutating func write(string text: String) {
        append("\"")
        for byte in text.utf8 {
            switch byte {
            case 0x22: append("\\\"")
            case 0x5C: append("\\\\")
            case 0x08: append("\\b")
            case 0x09: append("\\t")
            case 0x0A: append("\\n")
            case 0x0C: append("\\f")
            case 0x0D: append("\\r")
            case 0..<0x20: append("\\u00" + Hex.encode([byte]))
            default: bytes.append(byte)
            }
        }
        append("\"")
    }
}

/// Numbers as ECMAScript's Number::toString prints them (RFC 8785 section 3.2.2.3).
enum CanonicalNumber {
    static func text(_ value: Double) throws(LetheError) -> String {
        guard value.isFinite else {
            throw LetheError(code: .malformed, message: "JSON has no number \(value).")
        }
        if value == 0 { return "0" }
        let (digits, exponent) = shortest(value.magnitude)
        return (value < 0 ? "-" : "") + layOut(digits, exponent)
    }

    /// The shortest digits that read back as the value, and n with value = 0.digits × 10^n.
    private static func shortest(_ value: Double) -> (digits: [Character], exponent: Int) {
        let parts = value.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = Array(mantissa[0])
        let fraction = mantissa.count > 1 ? Array(mantissa[1]) : []
        var exponent = whole.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        var digits = whole + fraction
        while digits.first == "0", digits.count > 1 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.last == "0", digits.count > 1 { digits.removeLast() }
        return (digits, exponent)
    }

    private static func layOut(_ digits: [Character], _ exponent: Int) -> String {
        let count = digits.count
        if count <= exponent, exponent <= 21 {
            return String(digits) + String(repeating: "0", count: exponent - count)
        }
        if 0 < exponent, exponent <= 21 {
            return String(digits[..<exponent]) + "." + String(digits[exponent...])
        }
        if -6 < exponent, exponent <= 0 {
            return "0." + String(repeating: "0", count: -exponent) + String(digits)
        }
        let power = exponent - 1
        let sign = power < 0 ? "-" : "+"
        let head = String(digits[0]) + (count > 1 ? "." + String(digits[1...]) : "")
        return head + "e" + sign + String(power.magnitude)
    }
}
