import LetheRecords
import Testing

@Suite("The strict reader of JSON")
struct StrictJSONTests {
    @Test(
        "Refused, each with its reason",
        arguments: [
            ("", "missing"), ("  ", "missing"), ("{", "without a name"), ("[", "missing"),
            ("{\"a\"}", "without a value"), ("{\"a\":}", "not a number"),
            ("{\"a\":1,}", "without a name"), ("{,}", "without a name"),
            ("{a:1}", "without a name"), ("{'a':1}", "without a name"), ("[1,]", "not a number"),
            ("[1 2]", "does not end"), ("[1", "does not end"), ("{\"a\":1", "does not end"),
            ("{} {}", "after the value"), ("1 x", "after the value"),
            ("[]\u{0}", "after the value"),
            ("{\"a\":1,\"a\":1}", "appears twice"),
            ("{\"a\":1,\"\\u0061\":2}", "appears twice"),
            ("tru", "unknown word"), ("nul", "unknown word"), ("NaN", "not a number"),
            ("Infinity", "not a number"), ("-Infinity", "not a number"), ("+1", "not a number"),
            ("01", "not a number"), ("-", "not a number"), ("1.", "not a number"),
            (".5", "not a number"), ("1e", "not a number"), ("1e+", "not a number"),
            ("0x10", "after the value"), ("1e999", "not a number"), ("1_0", "after the value"),
            ("9007199254740993", "2^53"), ("-9007199254740992", "2^53"),
            // Their canonical forms are all digits.
            ("1e20", "2^53"), ("-9007199254740992.0", "2^53"), ("999999999999999900000.0", "2^53"),
            ("\"", "does not end"), ("\"\\\"", "does not end"), ("\"\\", "does not end"),
            ("\"\u{1}\"", "control character"), ("\"\n\"", "control character"),
            ("\"\\x41\"", "unknown escape"), ("\"\\u12\"", "four digits"),
            ("\"\\u+123\"", "four digits"), ("\"\\u-000\"", "four digits"),
            ("\"\\u12g4\"", "four digits"),
            ("\"\\ud800\"", "surrogate"), ("\"\\ud800\\u0041\"", "surrogate"),
            ("\"\\udc00\"", "surrogate"), ("\"\\ud800x\"", "surrogate"),
            ("// note\n1", "not a number"), ("\u{FEFF}1", "not a number"),
        ])
    func refusals(text: String, reason: String) {
        let error = #expect(throws: LetheError.self) { try StrictJSON.parse(Array(text.utf8)) }
        #expect(error?.code == .malformed)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [
            [0xFF], [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xC3],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        let text = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
        #expect(throws: LetheError.self) { try StrictJSON.parse(text) }
        #expect(throws: LetheError.self) { try StrictJSON.parse(bytes) }
    }

    @Test("Deep nesting is refused before the stack is full")
    func nesting() throws {
        let deepest = StrictJSON.maximumDepth
        let legal = String(repeating: "[", count: deepest) + String(repeating: "]", count: deepest)
        _ = try StrictJSON.parse(Array(legal.utf8))
        for opening in ["[", "{\"a\":"] {
            let text = String(repeating: opening, count: 200_000)
            #expect(throws: LetheError.self) { try StrictJSON.parse(Array(text.utf8)) }
        }
    }

    @Test("Everything legal is read as it is meant")
    func legal() throws {
        let text =
            " {\"a\\/\\\"\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\" : [ -0.5e+1, 0, -0, true, null ] }\n"
        let value = try StrictJSON.parse(Array(text.utf8))
        #expect(
            value == ["a/\"\u{8}\u{c}\n\r\t\u{e9}\u{1F600}": [-5, 0, 0, true, JSONValue.null]])
        #expect(try StrictJSON.parse(Array("9007199254740991".utf8)) == 9_007_199_254_740_991)
        #expect(try StrictJSON.parse(Array("1e21".utf8)) == 1e21)
    }
}
