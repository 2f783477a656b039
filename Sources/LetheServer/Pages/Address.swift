internal import LetheRecords

/// Where each page is.
///
/// Everything that comes from a record is encoded.
enum Address {
    static let home = "/"
    static let requests = "/requests"
    static let exposed = "/exposed"
    static let search = "/search"
    static let datasets = "/datasets"
    static let policies = "/policies"
    static let receipts = "/receipts"
    static let log = "/log"
    static let signIn = "/sign-in"
    static let signOut = "/sign-out"

    static func model(_ name: String) -> String { "/models/\(encoded(name))" }

    static func aliases(_ name: String) -> String { "\(model(name))/aliases" }

    static func erased(_ model: String) -> String { "\(self.model(model))/erased" }

    static func dataset(_ name: String) -> String { "\(datasets)/\(encoded(name))" }

    static func policy(_ name: String) -> String { "\(policies)/\(encoded(name))" }

    static func receipt(_ number: Int) -> String { "\(receipts)/\(number)" }

    static func logEntry(_ index: Int) -> String { "\(log)/\(index)" }

    static func version(_ model: String, _ number: Int) -> String {
        "\(self.model(model))/v\(number)"
    }

    static func pull(_ model: String, _ number: Int) -> String {
        "\(version(model, number))/pull"
    }

    static func certificate(_ model: String, _ number: Int) -> String {
        "\(version(model, number))/certificate"
    }

    static func request(_ id: String) -> String { "/requests/\(encoded(id))" }

    /// The file itself, which is no page.
    static func file(_ path: String, _ model: String, _ number: Int) -> String {
        let parts = path.split(separator: "/").map { encoded(String($0)) }
        return "/\(encoded(model))/resolve/v\(number)/\(parts.joined(separator: "/"))"
    }

    /// A component in which only unreserved characters stand for themselves (RFC 3986 section 2.3).
    static func encoded(_ text: String) -> String {
        let marks = Set("-._~".utf8)
        return text.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || marks.contains(byte)
            return isPlain
                ? String(Unicode.Scalar(byte)) : "%" + Hex.encode([byte]).uppercased()
        }.joined()
    }

    /// An address of this server that a form carries, taken only if it leads nowhere else.
    static func local(_ text: String?) -> String {
        guard let text, !text.hasPrefix("//"), !text.contains("\\"),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), RequestPath(text) != nil
        else { return home }
        return text
    }
}
