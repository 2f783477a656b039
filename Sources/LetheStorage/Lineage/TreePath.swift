internal import Foundation
public import LetheRecords

/// The path of a file in a version: relative, and a safe file name on every common system.
public struct TreePath: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The path with `/` between its components.
    public let description: String

    private static let reserved: Set<String> = Set(
        ["con", "prn", "aux", "nul"] + (1...9).flatMap { ["com\($0)", "lpt\($0)"] })

    /// Takes a relative path.
    ///
    /// - Throws: `refused` for an absolute path, `.`, `..`, `.git`, empty components, control
    ///   characters, characters and names that other systems reserve, names that begin with a
    ///   temporary file's `.lethe-`, and anything above 512 bytes.
    public init(_ path: String) throws(LetheError) {
        guard path.utf8.count <= 512, TreePath.components(of: path).allSatisfy(TreePath.isSafe)
        else {
            throw LetheError(
                code: .refused,
                message: "The path \"\(TreePath.printable(path))\" is not safe to write.",
                remedy: "Rename the file: relative paths of ordinary names only.")
        }
        description = path
    }

    /// The components, outermost folder first.
    public var components: [String] { TreePath.components(of: description) }

    /// The last component.
    public var name: String { components.last ?? "" }

    /// What two paths share if a file system may take them for the same file: letters' case and
    /// Unicode form put aside.
    public var collisionKey: String {
        description.precomposedStringWithCompatibilityMapping.lowercased()
    }

    /// Refuses a set of paths of which a file system may take two for one.
    ///
    /// - Throws: `refused` naming both.
    public static func refuseCollisions(_ paths: some Sequence<TreePath>) throws(LetheError) {
        var seen: [String: TreePath] = [:]
        for path in paths {
            guard let other = seen.updateValue(path, forKey: path.collisionKey) else { continue }
            throw LetheError(
                code: .refused,
                message: "The paths \"\(other)\" and \"\(path)\" are one file on some systems.",
                remedy: "Rename one of them.")
        }
    }

    /// Orders by the path.
    public static func < (left: TreePath, right: TreePath) -> Bool {
        left.description < right.description
    }

    /// Splits where the operating system does, at the byte 0x2F; Swift takes a slash with a mark
    /// behind it for a letter of its own.
    private static func components(of path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func isSafe(_ name: String) -> Bool {
        let lower = name.lowercased()
        let stem = lower.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)[0]
        // A mark or joiner at either end would melt into the slash in every text that shows it.
        let stands = "/\(name)/".split(separator: "/").map(String.init) == [name]
        return stands && name != "." && name != ".." && lower != ".git"
            && !lower.hasPrefix(".lethe-") && !lower.hasPrefix("git~")
            && !name.hasSuffix(".") && !name.hasSuffix(" ") && !reserved.contains(String(stem))
            && name.unicodeScalars.allSatisfy(isSafe)
    }

    private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        default: !"\\:*?\"<>|".unicodeScalars.contains(scalar)
        }
    }

    private static func printable(_ path: String) -> String {
        String(path.unicodeScalars.prefix(120).map { $0.value < 0x20 ? "?" : Character($0) })
    }
}
