public import LetheRecords

/// How the gradients of forgetting and of retaining pulled while a version was made: their norms
/// above, the cosine between them below.
public struct GradientPicture {
    let version: String
    let looks: [GradientLook]
    let id: String
    private static let plot = (left: 52.0, top: 14.0, width: 420.0, height: 110.0, gap: 34.0)

    /// Nil where there are fewer than two looks; `id` is unique on its page.
    public init?(version: String, looks: [GradientLook], id: String) {
        guard looks.count > 1 else { return nil }
        self.version = version
        self.looks = looks
        self.id = id
    }

    /// The picture, with its figures in words for who cannot see it.
    public var markup: Markup {
        let plot = Self.plot
        let below = plot.top + plot.height + plot.gap
        let norms = axis(top: plot.top, labels: ["0", Self.words(largestNorm)])
        let cosines = axis(top: below, labels: ["-1", "0", "1"])
        let curves = [
            curve("now", top: plot.top) { share($0.forgetNorm) },
            curve("before", top: plot.top) { share($0.retainNorm) },
            curve("third", top: below) { (Self.clamped($0.cosine, -1...1) + 1) / 2 },
        ]
        let end = below + plot.height
        let legend = [
            Chart.text(plot.left, plot.top + plot.height + 16, "norms; blue: forget, grey: retain"),
            Chart.text(plot.left, end + 16, "cosine; below 0 the two pull against each other"),
            Chart.text(
                plot.left + plot.width, end + 32, "steps \(first.step) to \(last.step)",
                anchor: "end"),
        ]
        return Chart.picture(
            id: id, title: "Gradients while \(version) was made", description: description,
            width: plot.left + plot.width + 16, height: end + 42,
            norms + cosines + curves + legend)
    }

    private var first: GradientLook { looks[0] }
    private var last: GradientLook { looks[looks.count - 1] }

    private var largestNorm: Double {
        looks.reduce(0) { max($0, $1.forgetNorm, $1.retainNorm) }
    }

    private func share(_ norm: Double) -> Double {
        largestNorm > 0 ? Self.clamped(norm / largestNorm, 0...1) : 0
    }

    /// Lines across, evenly from below to above, each with its number.
    private func axis(top: Double, labels: [String]) -> [Markup] {
        let plot = Self.plot
        return labels.enumerated().flatMap { index, label -> [Markup] in
            let share = Double(index) / Double(labels.count - 1)
            let y = top + (1 - share) * plot.height
            return [
                Chart.line((plot.left, y), (plot.left + plot.width, y), style: "axis"),
                Chart.text(plot.left - 6, y + 4, label, anchor: "end"),
            ]
        }
    }

    private func curve(
        _ style: String, top: Double, _ share: (GradientLook) -> Double
    ) -> Markup {
        let plot = Self.plot
        let length = Double(last.step) - Double(first.step)
        let points = looks.map { look -> (x: Double, y: Double) in
            let along = length > 0 ? (Double(look.step) - Double(first.step)) / length : 0
            return (
                plot.left + Self.clamped(along, 0...1) * plot.width,
                top + (1 - share(look)) * plot.height
            )
        }
        return Chart.curve(points, style: style)
    }

    private var description: String {
        let against = looks.count { $0.cosine < 0 }
        return "\(looks.count) looks. In \(against) of them the two pulled against each other. "
            + [first, last].map { look in
                "Step \(look.step): norm of forgetting \(Self.words(look.forgetNorm)), of "
                    + "retaining \(Self.words(look.retainNorm)), cosine \(Self.words(look.cosine))."
            }.joined(separator: " ")
    }

    /// A figure as the record has it: up to four digits.
    static func words(_ value: Double) -> String { "\(value)" }

    private static func clamped(_ value: Double, _ range: ClosedRange<Double>) -> Double {
        value.isNaN ? range.lowerBound : min(max(value, range.lowerBound), range.upperBound)
    }
}
