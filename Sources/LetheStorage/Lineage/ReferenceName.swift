public import LetheRecords

/// The name of a line in the lineage: a model's branch, a dataset, or a tag of a model.
public struct ReferenceName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The full name as git has it, such as `refs/heads/faces`.
    public let description: String

    /// The branch of a model.
    ///
    /// - Throws: `invalidArgument` for a name that `validate` refuses.
    public static func model(_ name: String) throws(LetheError) -> ReferenceName {
        ReferenceName(description: "refs/heads/\(try validate(name, of: "model"))")
    }

    /// The line of a dataset.
    ///
    /// - Throws: `invalidArgument` for a name that `validate` refuses.
    public static func dataset(_ name: String) throws(LetheError) -> ReferenceName {
        ReferenceName(description: "refs/datasets/\(try validate(name, of: "dataset"))")
    }

    /// The line of what was decided about erasing versions of a model.
    ///
    /// - Throws: `invalidArgument` for a name that `validate` refuses.
    public static func erasure(of model: String) throws(LetheError) -> ReferenceName {
        ReferenceName(description: "refs/erasures/\(try validate(model, of: "model"))")
    }

    /// The line of what one registry, named by its id, says it has deleted.
    ///
    /// - Throws: `invalidArgument` for a name that `validate` refuses.
    public static func receipts(of registry: String) throws(LetheError) -> ReferenceName {
        ReferenceName(description: "refs/receipts/\(try validate(registry, of: "registry"))")
    }

    /// The line of a request to erase, named by its id.
    ///
    /// - Throws: `invalidArgument` for a name that `validate` refuses.
    public static func request(_ id: String) throws(LetheError) -> ReferenceName {
        ReferenceName(description: "refs/requests/\(try validate(id, of: "request"))")
    }

    /// A tag of a model.
    ///
    /// - Throws: `invalidArgument` for names that `validate` refuses.
    public static func tag(_ tag: String, of model: String) throws(LetheError) -> ReferenceName {
        ReferenceName(
            description: "refs/tags/\(try validate(model, of: "model"))/"
                + "\(try validate(tag, of: "tag"))")
    }

    /// Takes a full name that one of the makers would make; nil for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        let isKnown =
            switch parts.dropFirst().first {
            case "heads", "datasets", "erasures", "receipts", "requests": parts.count == 3
            case "tags": parts.count == 4
            default: false
            }
        guard isKnown, parts[0] == "refs",
            parts.dropFirst(2).allSatisfy({ ReferenceName.isValid(String($0)) })
        else { return nil }
        self.description = description
    }

    private init(description: String) {
        self.description = description
    }

    /// Whether this is a tag and not a line.
    public var isTag: Bool { description.hasPrefix("refs/tags/") }

    /// Whether this is a model's branch.
    public var isModel: Bool { description.hasPrefix("refs/heads/") }

    /// What kind of line this is; nil for a tag.
    public var kind: LogLeaf.Kind? {
        switch description.split(separator: "/").dropFirst().first {
        case "heads": .model
        case "datasets": .dataset
        case "erasures": .erasure
        case "receipts": .receipts
        case "requests": .request
        default: nil
        }
    }

    /// The folders below `refs/` that hold one reference for each line.
    static let lineFolders = [
        "refs/heads", "refs/datasets", "refs/erasures", "refs/receipts", "refs/requests",
    ]

    /// The model, dataset, registry, request or tag.
    public var name: String {
        String(description.split(separator: "/").last ?? "")
    }

    /// Orders by the full name.
    public static func < (left: ReferenceName, right: ReferenceName) -> Bool {
        left.description < right.description
    }

    /// Refuses a name that is no safe file name and git branch everywhere: allowed are 1 to 64 of
    /// `a-z 0-9 . _ -`, beginning with a letter or digit, without `..`, not ending in `.` or
    /// `.lock`.
    ///
    /// - Throws: `invalidArgument` with the rule.
    @discardableResult
    public static func validate(
        _ name: String, of kind: String
    ) throws(LetheError) -> String {
        guard isValid(name) else {
            throw LetheError(
                code: .invalidArgument,
                message: "\"\(printable(name))\" is no valid \(kind) name.",
                remedy: "Use 1 to 64 of a-z, 0-9, \".\", \"_\" and \"-\", beginning with a letter "
                    + "or digit, without \"..\", not ending in \".\" or \".lock\".")
        }
        return name
    }

    private static func isValid(_ name: String) -> Bool {
        // Byte by byte: a regular expression costs more than reading the reference.
        let isAllowed = name.utf8.allSatisfy {
            isLetterOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
                || $0 == UInt8(ascii: "-")
        }
        return isAllowed && (1...64).contains(name.utf8.count)
            && name.utf8.first.map(isLetterOrDigit) == true && !name.contains("..")
            && !name.hasSuffix(".") && !name.hasSuffix(".lock")
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func printable(_ name: String) -> String {
        String(name.unicodeScalars.prefix(80).map { $0.value < 0x20 ? "?" : Character($0) })
    }
}
