internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// The versions of one line, the newest first: round what was published or certified, square what
/// was forgotten.
struct LineagePicture {
    let line: AuditedLine
    let id: String
    /// The picture shows at most so many versions, the newest.
    static let mostVersions = 48

    var markup: Markup {
        let shown = line.versions.suffix(Self.mostVersions).reversed()
        let left = line.versions.count - shown.count
        return LineageGraph(
            shown.map(node), title: "The lineage of \(line.model)",
            description: description + (left > 0 ? " The \(left) oldest are not drawn." : ""),
            id: id
        ).markup
    }

    private func node(_ version: AuditedVersion) -> LineageNode {
        let manifest = version.manifest
        let style =
            version.state != .current
            ? version.state.rawValue
            : manifest.operation == .certify ? "certified" : "candidate"
        return LineageNode(
            name: "v\(manifest.number)",
            words: "\(manifest.operation.rawValue), \(version.state.rawValue), answers for "
                + "\(manifest.requests.count) \(manifest.requests.count == 1 ? "request" : "requests")",
            style: style, isForgetting: manifest.operation.honoursRequest)
    }

    private var description: String {
        let counts = VersionState.allCases.map { state in
            "\(line.versions.count { $0.state == state }) \(state.rawValue)"
        }
        let certified = line.versions.count { $0.manifest.operation == .certify }
        return "\(line.versions.count) versions: \(counts.joined(separator: ", ")); "
            + "\(certified) certified."
    }
}
