/// Swift source with comments and strings blanked out: the braces and words that are left are code.
///
/// Line breaks stay where they were.
struct SwiftText {
    private let input: [UInt8]
    private var output: [UInt8] = []
    private var index = 0

    init(_ text: String) {
        input = Array(text.utf8)
        while index < input.count { step() }
    }

    /// What is left.
    var code: String { String(decoding: output, as: UTF8.self) }

    private func sees(_ text: String, at offset: Int = 0) -> Bool {
        var position = index + offset
        for byte in text.utf8 {
            guard position < input.count, input[position] == byte else { return false }
            position += 1
        }
        return true
    }

    private mutating func keep() {
        output.append(input[index])
        index += 1
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where index < input.count {
            output.append(input[index] == newline ? newline : space)
            index += 1
        }
    }

    private mutating func step() {
        guard [slash, quote, hash].contains(input[index]) else { return keep() }
        if sees("//") {
            while index < input.count, input[index] != newline { blank() }
        } else if sees("/*") {
            blockComment()
        } else if sees("\"") || sees("#") {
            stringOrCode()
        } else {
            keep()
        }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            if sees("/*") {
                depth += 1
                blank(2)
            } else if sees("*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && index < input.count
    }

    private mutating func stringOrCode() {
        var hashes = 0
        while sees("#", at: hashes) { hashes += 1 }
        guard sees("\"", at: hashes) else {
            keep()
            return
        }
        let quotes = sees("\"\"\"", at: hashes) ? "\"\"\"" : "\""
        blank(hashes)
        blank(quotes.count)
        string(until: quotes, hashes: String(repeating: "#", count: hashes))
    }

    private mutating func string(until quotes: String, hashes: String) {
        while index < input.count {
            if sees(quotes + hashes) {
                blank(quotes.count + hashes.count)
                return
            } else if sees("\\" + hashes + "(") {
                blank(2 + hashes.count)
                interpolation()
            } else if sees("\\" + hashes) {
                blank(2 + hashes.count)
            } else {
                blank()
            }
        }
    }

    /// Blanks the code of an interpolation, whose own strings may hold parentheses.
    private mutating func interpolation() {
        let start = output.count
        var depth = 1
        while depth > 0, index < input.count {
            if sees("(") { depth += 1 }
            if sees(")") { depth -= 1 }
            step()
        }
        for position in start..<output.count where output[position] != newline {
            output[position] = space
        }
    }
}

private let newline = UInt8(ascii: "\n")
private let space = UInt8(ascii: " ")
private let slash = UInt8(ascii: "/")
private let quote = UInt8(ascii: "\"")
private let hash = UInt8(ascii: "#")
