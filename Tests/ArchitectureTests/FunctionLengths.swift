/// Where functions, initialisers, subscripts and computed properties begin and how long they are.
enum FunctionLengths {
    struct Function: Equatable {
        let line: Int
        let lineCount: Int
    }

    /// - Parameter code: Swift with comments and strings blanked out (`SwiftText`).
    static func functions(in code: String) -> [Function] {
        let declaration =
            /(?:^|[^.\w`])(?:func\b|init\b[?!]?\s*[(<]|deinit\b|subscript\b|var\s+\w+\s*:[^={}\n]*\{)/
        let bytes = Array(code.utf8)
        var line = 1
        var counted = 0
        return code.matches(of: declaration).compactMap { match in
            var start = code.utf8.distance(from: code.startIndex, to: match.range.lowerBound)
            if bytes[start] == newline { start += 1 }
            line += lineBreaks(bytes[counted..<start])
            counted = start
            guard let end = bodyEnd(in: bytes, from: start) else { return nil }
            return Function(line: line, lineCount: lineBreaks(bytes[start..<end]) + 1)
        }
    }

    private static let newline = UInt8(ascii: "\n")

    private static func lineBreaks(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.count { $0 == newline }
    }

    /// The end of the first braces that open outside parentheses; nil for a declaration without
    /// a body, whose surrounding braces close first.
    private static func bodyEnd(in bytes: [UInt8], from start: Int) -> Int? {
        var parentheses = 0
        var braces = 0
        for offset in start..<bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
            case UInt8(ascii: "{"): braces += 1
            case UInt8(ascii: "}"):
                braces -= 1
                if braces < 0 { return nil }
                if braces == 0, parentheses == 0 { return offset + 1 }
            default: continue
            }
        }
        return nil
    }
}
