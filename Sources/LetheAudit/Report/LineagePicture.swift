internal import LetheRecords
internal import LetheRegistry

/// The versions of one line, from left to right: round what was published or certified, square
/// what was forgotten.
struct LineagePicture {
    let line: AuditedLine
    let id: String
    /// The picture shows at most so many versions, the newest.
    static let mostVersions = 96
    private static let perRow = 12
    private static let step = (x: 76.0, y: 64.0)

    var markup: Markup {
        let shown = Array(line.versions.suffix(Self.mostVersions))
        let rowCount = (shown.count + Self.perRow - 1) / Self.perRow
        var content: [Markup] = []
        for index in shown.indices.dropFirst() {
            content.append(
                Chart.line(place(of: index - 1), place(of: index), style: "edge"))
        }
        for (index, version) in shown.enumerated() {
            content += node(version, at: place(of: index))
        }
        let left = line.versions.count - shown.count
        return Chart.picture(
            id: id, title: "The lineage of \(line.model)",
            description: description + (left > 0 ? " The \(left) oldest are not drawn." : ""),
            width: Double(min(shown.count, Self.perRow)) * Self.step.x + 24,
            height: Double(rowCount) * Self.step.y + 12, content)
    }

    private func place(of index: Int) -> (x: Double, y: Double) {
        (
            Double(index % Self.perRow) * Self.step.x + 44,
            Double(index / Self.perRow) * Self.step.y + 24
        )
    }

    private func node(_ version: AuditedVersion, at place: (x: Double, y: Double)) -> [Markup] {
        let manifest = version.manifest
        let style =
            version.state.rawValue + (manifest.operation == .certify ? " certified" : "")
        let tip =
            "\(version.name): \(manifest.operation.rawValue), \(version.state.rawValue), answers for "
            + "\(manifest.requests.count) requests"
        let shape =
            manifest.operation.honoursRequest
            ? Chart.box(
                x: place.x - 10, y: place.y - 10, width: 20, height: 20, style: style, tip: tip)
            : Chart.circle(x: place.x, y: place.y, radius: 11, style: style, tip: tip)
        return [
            shape,
            Chart.text(
                place.x, place.y + 26, "v\(manifest.number) \(manifest.operation.rawValue)",
                anchor: "middle"),
        ]
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
