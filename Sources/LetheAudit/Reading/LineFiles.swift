/// Where a version's records lie in its tree (docs/FORMAT.md, "A version").
enum LineFiles {
    static let manifest = ".lethe/version.json"
    private static let requests = ".lethe/requests/"
    static let certificates = ".lethe/certificates/"

    static func request(_ id: String) -> String { "\(requests)\(id).json" }

    /// Whether a path is a record of a line that has honoured these requests.
    static func isRecord(_ path: String, requests ids: Set<String>) -> Bool {
        if path == manifest || path == ".gitattributes" { return true }
        if path.hasPrefix(certificates) { return certificateNumber(path) != nil }
        guard path.hasPrefix(requests), path.hasSuffix(".json") else { return false }
        let name = path.dropFirst(requests.count).dropLast(".json".count)
        let isList = name.hasSuffix(".samples")
        return ids.contains(String(isList ? name.dropLast(".samples".count) : name))
    }

    /// Which judgement's certificate a path is; nil for any other.
    static func certificateNumber(_ path: String) -> Int? {
        guard path.hasPrefix(certificates), path.hasSuffix(".json") else { return nil }
        return Int(path.dropFirst(certificates.count).dropLast(".json".count))
    }
}
