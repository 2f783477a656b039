import Foundation
import TestSupport

/// A file of the package, by its path from the root.
struct SourceFile: CustomStringConvertible {
    let path: String
    let text: String
    /// The text with comments and strings blanked out; only for Swift.
    let code: String

    init(path: String, text: String) {
        self.path = path
        self.text = text
        code = path.hasSuffix(".swift") ? SwiftText(text).code : text
    }

    var description: String { path }
    /// The folder below `Sources` or `Tests`, which is the module's name.
    var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    var lineCount: Int { text.utf8.count { $0 == UInt8(ascii: "\n") } }

    /// The Swift files of the modules, read once for all tests.
    static let sources = all(below: "Sources", endings: ["swift"])
    /// The Swift files of the tests, read once.
    static let tests = all(below: "Tests", endings: ["swift"])

    /// Every file with one of the endings below a folder of the package; none if it is absent.
    static func all(below folder: String, endings: [String]) -> [SourceFile] {
        let root = Locations.package.appending(path: folder)
        let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String }
        return (paths ?? []).sorted().filter { path in
            endings.contains((path as NSString).pathExtension)
        }.compactMap { path in
            (try? String(contentsOf: root.appending(path: path), encoding: .utf8)).map {
                SourceFile(path: folder + "/" + path, text: $0)
            }
        }
    }
}

/// The line of a place in a text, counted from 1.
func lineNumber(of index: String.Index, in text: String) -> Int {
    text.utf8[..<index].count { $0 == UInt8(ascii: "\n") } + 1
}
