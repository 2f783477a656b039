/// A version in the picture of its line.
public struct LineageNode: Sendable {
    /// `v3`, or `base@v1` for a version of another line.
    public var name: String
    /// A few words: what made it and what became of it.
    public var words: String
    /// `certified`, `candidate`, `revoked` or `erased`.
    public var style: String
    /// Whether it was made to honour a request; such versions are squares.
    public var isForgetting: Bool
    /// Whether it belongs to another line and only leads here.
    public var isOutside: Bool
    /// Where its page is; nil for none.
    public var address: String?

    /// Describes a version.
    public init(
        name: String, words: String, style: String, isForgetting: Bool, isOutside: Bool = false,
        address: String? = nil
    ) {
        self.name = name
        self.words = words
        self.style = style
        self.isForgetting = isForgetting
        self.isOutside = isOutside
        self.address = address
    }
}

/// The versions of a line from the newest down to the oldest, each a link for the keyboard, too.
///
/// Shapes, not colours alone, tell them apart; a table beside it says the same.
public struct LineageGraph: Sendable {
    let nodes: [LineageNode]
    let title: String
    let description: String
    let id: String
    private static let row = 44.0
    private static let width = 300.0

    /// A graph of nodes, the newest first; `id` is unique on its page.
    public init(_ nodes: [LineageNode], title: String, description: String, id: String) {
        self.nodes = nodes
        self.title = title
        self.description = description
        self.id = id
    }

    /// The picture.
    public var markup: Markup {
        let edges = nodes.indices.dropLast().map { index in
            Chart.line(
                place(index), place(index + 1),
                style: nodes[index + 1].isOutside ? "edge dashed" : "edge")
        }
        let hasLinks = nodes.contains { $0.address != nil }
        return Chart.picture(
            id: id, title: title, description: description, width: Self.width,
            height: Double(nodes.count) * Self.row, role: hasLinks ? "group" : "img",
            edges + nodes.indices.map(node))
    }

    private func place(_ index: Int) -> (x: Double, y: Double) {
        (nodes[index].isOutside ? 34 : 14, Double(index) * Self.row + 22)
    }

    private func node(_ index: Int) -> Markup {
        let (node, place) = (nodes[index], place(index))
        let style = "node \(node.style)"
        let tip = "\(node.name): \(node.words)"
        let shape =
            node.isForgetting
            ? Chart.box(
                x: place.x - 8, y: place.y - 8, width: 16, height: 16, style: style, tip: tip)
            : Chart.circle(x: place.x, y: place.y, radius: 9, style: style, tip: tip)
        let name = Chart.text(place.x + 22, place.y - 2, node.name)
        let drawn = node.address.map { Markup.element("a", [("href", $0)], [shape, name]) }
        return .group([
            drawn ?? .group([shape, name]),
            .element(
                "text",
                [
                    ("class", "faint"), ("x", Chart.number(place.x + 22)),
                    ("y", Chart.number(place.y + 14)),
                ], text: node.words),
        ])
    }
}
