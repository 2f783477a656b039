internal import LetheRecords

/// The path of a request, taken apart before anybody looks at it.
///
/// Components are split at slashes first and decoded afterwards, once, so that an encoded slash
/// never makes a new component. No path of a request ever becomes a path on the disk: names are
/// looked up in the lineage's records, and what is not there is not found.
struct RequestPath: Sendable, Equatable {
    /// The components, decoded.
    let components: [String]
    /// The query's fields, decoded; of equal names the last counts.
    let query: [String: String]

    static let limitBytes = 4096

    /// Takes the target of a request.
    ///
    /// - Returns: nil for anything that is not an ordinary absolute path: other forms, a bad
    ///   escape, a control character, a component that is empty, `.` or `..`, or more than 4,096
    ///   bytes.
    init?(_ target: String) {
        guard target.utf8.first == UInt8(ascii: "/"), target.utf8.count <= Self.limitBytes else {
            return nil
        }
        let halves = target.dropFirst().split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var parts = halves[0].split(separator: "/", omittingEmptySubsequences: false)
        if parts.last == "" { parts.removeLast() }
        let decoded = parts.compactMap(Self.component)
        guard decoded.count == parts.count else { return nil }
        components = decoded
        // What cannot be read does not count as not said.
        guard let fields = Self.fields(halves.count > 1 ? halves[1] : "") else { return nil }
        query = fields
    }

    private static func component(_ text: Substring) -> String? {
        guard let decoded = decode(text), !decoded.isEmpty, decoded != ".", decoded != ".." else {
            return nil
        }
        return decoded
    }

    /// The fields of a form's body, decoded as a query's are; none if one cannot be.
    static func form(_ text: String) -> [String: String] { fields(text[...]) ?? [:] }

    private static func fields(_ text: Substring) -> [String: String]? {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&").prefix(64) {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = field(halves[0]), let value = field(halves.count > 1 ? halves[1] : "")
            else { return nil }
            fields[name] = value
        }
        return fields
    }

    /// Browsers write a space in a form's field as `+`.
    private static func field(_ text: Substring) -> String? {
        decode(text.replacing("+", with: " "))
    }

    /// Decodes once (RFC 3986 section 2.1); nil for a bad escape, a control character or bytes that
    /// are no UTF-8.
    private static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self).lowercased()
            guard digits.utf8.count == 2, let value = Hex.decode(digits)?.first else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
