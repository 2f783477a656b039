import Testing

@testable import LetheServer

@Suite("What a request asks for")
struct RequestTests {
    @Test(
        "A range is what the specification says, and no abuse of it costs anything",
        arguments: [
            ("bytes=0-0", ByteRange.run(0..<1)), ("bytes=0-99", .run(0..<10)),
            ("bytes=4-", .run(4..<10)), ("bytes=-3", .run(7..<10)), ("bytes=-30", .run(0..<10)),
            ("BYTES=1-2", .run(1..<3)), ("bytes=10-", .unsatisfiable), ("bytes=-0", .unsatisfiable),
            ("bytes=99999999999999999999-", .unsatisfiable),
            ("bytes=0-99999999999999999999", .run(0..<10)), ("bytes=5-3", .whole),
            ("bytes=0-1,3-4", .whole), ("bytes=", .whole), ("bytes=-", .whole), ("0-1", .whole),
            ("bytes=1--2", .whole), ("bytes=+1-2", .whole), ("bytes= 1-2", .whole),
            ("lines=1-2", .whole), ("bytes=" + String(repeating: "0-0,", count: 5000), .whole),
        ])
    func ranges(header: String, expected: ByteRange) {
        #expect(ByteRange(header, sizeBytes: 10) == expected)
    }

    @Test("No file has a range if it is empty")
    func emptyFile() {
        #expect(ByteRange("bytes=0-0", sizeBytes: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=-1", sizeBytes: 0) == .unsatisfiable)
        #expect(ByteRange(nil, sizeBytes: 0) == .whole)
    }

    @Test("An encoded slash stays in its component, and is decoded once")
    func encodedSlash() {
        #expect(RequestPath("/a/b%2Fc?x=1&y=%20")?.components == ["a", "b/c"])
        #expect(RequestPath("/a?x=1&y=%20")?.query == ["x": "1", "y": " "])
        #expect(RequestPath("/a%252Fb/")?.components == ["a%2Fb"])
        #expect(RequestPath("/")?.components == [])
    }

    @Test(
        "Every other address is refused as a whole",
        arguments: [
            "", "a", "*", "http://host/a", "//a", "/a//b", "/a/../b", "/a/./b", "/a/%2e%2E/b",
            "/a%00", "/a%0d%0a", "/a%", "/a%2", "/a%zz", "/a%ff", "/a?x=%05", "/a?x=%ff", "/a?%zz",
            "/" + String(repeating: "a", count: 5000),
        ])
    func otherAddresses(target: String) {
        #expect(RequestPath(target) == nil)
    }

    @Test("A model has one component, or two of which the first is lethe")
    func models() {
        #expect(HubModel(["faces"])?.name == "faces")
        #expect(HubModel(["lethe", "faces"])?.name == "faces")
        #expect(HubModel(["somebody", "faces"]) == nil)
        #expect(HubModel([String]()) == nil)
        let lethe = ResolveFile.self
        #expect(RequestPath("/lethe/resolve/main/a").flatMap(lethe.init)?.model.name == "lethe")
        let both = RequestPath("/lethe/faces/resolve/v1/a/b").flatMap(lethe.init)
        #expect(both?.model.name == "faces" && both?.revision == "v1" && both?.path == "a/b")
    }
}
