import Foundation
import LetheRecords
import Testing

@Suite("Canonical JSON (RFC 8785)")
struct CanonicalJSONTests {
    @Test(
        "The numbers of RFC 8785 appendix B",
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"), (0x8000_0000_0000_0001, "-5e-324"),
            (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
            (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xC340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"),
            (0x44B5_2D02_C7E1_4AF6, "1e+23"),
            (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"),
            (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
            (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"),
            (0x444B_1AE4_D6E2_EF50, "1e+21"),
            (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"),
            (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
            (0x41B3_DE43_5555_5553, "333333333.3333332"),
            (0x41B3_DE43_5555_5554, "333333333.33333325"),
            (0x41B3_DE43_5555_5555, "333333333.3333333"),
            (0x41B3_DE43_5555_5556, "333333333.3333334"),
            (0x41B3_DE43_5555_5557, "333333333.33333343"),
            (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
            (0x4314_3FF3_C1CB_0959, "1424953923781206.2"),
        ] as [(UInt64, String)])
    func appendixB(bits: UInt64, text: String) throws {
        let value = JSONValue.number(Double(bitPattern: bits))
        #expect(String(decoding: try CanonicalJSON.encode(value), as: UTF8.self) == text)
    }

    @Test(
        "Infinities and not-a-number are refused", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(value: Double) {
        #expect(throws: LetheError.self) { try CanonicalJSON.encode(JSONValue.number(value)) }
        #expect(throws: LetheError.self) { try CanonicalJSON.encode(["x": value]) }
    }

    @Test("Numbers are printed as the reference implementation prints them")
    func goldenNumbers() throws {
        let golden = try Golden.load().numbers
        #expect(golden.count > 500)
        for number in golden {
            let bits = try #require(UInt64(number.bits, radix: 16))
            let bytes = try CanonicalJSON.encode(JSONValue.number(Double(bitPattern: bits)))
            #expect(String(decoding: bytes, as: UTF8.self) == number.text, "\(number.bits)")
        }
    }

    @Test("Documents are sorted and escaped as the reference implementation does it")
    func goldenDocuments() throws {
        for document in try Golden.load().documents {
            let value = try StrictJSON.parse(Array(document.ascii.utf8))
            let bytes = try CanonicalJSON.encode(value)
            #expect(String(decoding: bytes, as: UTF8.self) == document.canonical)
            #expect(try StrictJSON.parse(bytes) == value)
            #expect(try CanonicalJSON.decode(JSONValue.self, from: bytes) == value)
        }
    }

    private struct Pair: Codable, Equatable {
        var left: Int
        var right: Double?
    }

    @Test("A record is read from its canonical bytes only")
    func oneSpelling() throws {
        let pair = Pair(left: 3, right: 0.5)
        let text = #"{"left":3,"right":0.5}"#
        #expect(try CanonicalJSON.encode(pair) == Array(text.utf8))
        #expect(try CanonicalJSON.decode(Pair.self, from: Array(text.utf8)) == pair)
        for other in [
            #"{"right":0.5,"left":3}"#, #"{"left": 3,"right":0.5}"#, #"{"left":3,"right":0.50}"#,
            #"{"left":3.0,"right":0.5}"#, #"{"left":3,"right":5e-1}"#, text + "\n",
            #"{"left":3,"right":0.5,"unknown":1}"#, #"{"left":3,"right":null}"#,
            #"{"left":3,"right":0.5,"left":3}"#, #"{"\u006ceft":3,"right":0.5}"#, "\u{FEFF}" + text,
        ] {
            #expect(throws: LetheError.self, "\(other)") {
                try CanonicalJSON.decode(Pair.self, from: Array(other.utf8))
            }
        }
    }

    @Test("A handwritten record may have any order and white space, but no unknown field")
    func handwritten() throws {
        let text = "{ \"right\" : 5e-1,\n \"left\" : 3.0 }\n"
        let pair = try CanonicalJSON.decodeHandwritten(Pair.self, from: Array(text.utf8))
        #expect(pair == Pair(left: 3, right: 0.5))
        #expect(throws: LetheError.self) {
            try CanonicalJSON.decodeHandwritten(Pair.self, from: Array(#"{"left":3,"up":1}"#.utf8))
        }
    }

    @Test("A number that JSON would round is an error, not another number")
    func tooLarge() {
        #expect(throws: LetheError.self) { try CanonicalJSON.encode(["n": Int.max]) }
    }
}
