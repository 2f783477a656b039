import Testing

@Suite("The tree stays tidy")
struct TidyTests {
    static let sources = SourceFile.sources
    static let tests = SourceFile.tests
    static let native = SourceFile.all(below: "Sources", endings: ["c", "cpp", "h"])
    static let texts =
        SourceFile.sources + SourceFile.tests
        + ["Sources", "Tests", "scripts", "docs", "schemas", "registry", "Benchmarks", ".ci"]
        .flatMap {
            SourceFile.all(
                below: $0,
                endings: ["c", "cpp", "h", "md", "json", "py", "sh", "yaml", "yml", ""])
        }

    static let longestFunctionLines = 70
    static let longestFileLines = 400

    @Test("No function is longer than 70 lines")
    func functionsAreShort() {
        for file in Self.sources + Self.tests {
            for function in FunctionLengths.functions(in: file.code)
            where function.lineCount > Self.longestFunctionLines {
                Issue.record("\(file):\(function.line) has \(function.lineCount) lines")
            }
        }
    }

    @Test("No file is longer than 400 lines")
    func filesAreShort() {
        for file in Self.sources + Self.tests + Self.native
        where file.lineCount > Self.longestFileLines {
            Issue.record("\(file) has \(file.lineCount) lines")
        }
    }

    @Test("No forced try or cast, no switched-off concurrency check")
    func noForbiddenCode() {
        let forbidden = /\btry!|\bas!|@unchecked\s+Sendable|nonisolated\(unsafe\)/
        for file in Self.sources {
            for match in file.code.matches(of: forbidden) {
                let line = lineNumber(of: match.range.lowerBound, in: file.code)
                Issue.record("\(file):\(line) has forbidden code")
            }
        }
    }

    @Test("No note about unfinished work")
    func noUnfinishedWork() {
        let note = /\b(?:FIX[M]E|TO[D]O|XX[X])\b/
        for line in Self.lines(of: note, containing: ["FIX" + "ME", "TO" + "DO", "XX" + "X"]) {
            Issue.record("\(line) notes unfinished work")
        }
    }

    @Test("No path of somebody's machine")
    func noMachinePaths() {
        let path = /(?:^|[^\w.\/-])\/(?:home|root|work|Users)\/\w/
        for line in Self.lines(of: path, containing: ["home/", "root/", "work/", "Users/"]) {
            Issue.record("\(line) has a path of one machine")
        }
    }

    /// Where an expression matches; it is tried only on files that contain one of the words,
    /// because that is found much faster.
    static func lines(of expression: Regex<Substring>, containing words: [String]) -> [String] {
        texts.filter { file in words.contains { file.text.contains($0) } }.flatMap { file in
            file.text.matches(of: expression).map { match in
                "\(file):\(lineNumber(of: match.range.lowerBound, in: file.text))"
            }
        }
    }

    @Test("The counter of lines sees bodies through strings, comments and defaults")
    func countsLines() {
        let text = #"""
            protocol P { func none() -> Int; func other() }
            func a(_ f: () -> Int = { 1 }) -> String {
                // } not code
                "}\(f() > 0 ? "}" : "{")"
            }
            struct S {
                init() { self.init(1) }
                var computed: Int {
                    1
                }
                var stored: Int = 1
            }
            """#
        #expect(FunctionLengths.functions(in: SwiftText(text).code).map(\.line) == [2, 7, 8])
        #expect(FunctionLengths.functions(in: SwiftText(text).code).map(\.lineCount) == [4, 1, 3])
    }
}
