public import LetheRecords

/// How fast each forgotten request is learnt again, by the number of its images that are trained
/// on, beside the first version and a model that never saw them.
public struct RelearningPicture {
    let model: String
    let request: String
    let figures: [ProbeFigure]
    let id: String
    private static let plot = (left: 44.0, top: 12.0, width: 360.0, height: 130.0)

    /// Nil where the report has no curve for the request.
    public init?(model: String, request: String, report: JudgeReport, id: String) {
        figures = (report.probes ?? [])
            .filter { $0.probe == .relearning && $0.request == request && $0.counts != nil }
            .sorted { $0.setting ?? 0 < $1.setting ?? 0 }
        guard figures.count > 1 else { return nil }
        self.model = model
        self.request = request
        self.id = id
    }

    /// The picture, with its figures in words for who cannot see it.
    public var markup: Markup {
        let plot = Self.plot
        var content = [0, 0.5, 1].flatMap { share -> [Markup] in
            let y = plot.top + (1 - share) * plot.height
            return [
                Chart.line((plot.left, y), (plot.left + plot.width, y), style: "axis"),
                Chart.text(plot.left - 6, y + 4, Chart.percent(share), anchor: "end"),
            ]
        }
        for (index, figure) in figures.enumerated() {
            content.append(
                Chart.text(
                    x(index), plot.top + plot.height + 16, "\(figure.setting ?? 0)",
                    anchor: "middle"))
        }
        for (style, share) in Self.curves { content += curve(style, share) }
        content.append(
            Chart.text(
                plot.left, plot.top + plot.height + 34,
                "images of each forgotten class; blue: certified, grey: first version, violet: "
                    + "reference"))
        return Chart.picture(
            id: id, title: "Learning \(request) of \(model) again", description: description,
            width: plot.left + plot.width + 60, height: plot.top + plot.height + 44, content)
    }

    private typealias Share = @Sendable (ProbeCounts) -> Int?
    private static let curves: [(String, Share)] = [
        ("before", { $0.originalCorrectCount }), ("third", { $0.referenceCorrectCount }),
        ("now", { $0.correctCount }),
    ]

    private func x(_ index: Int) -> Double {
        Self.plot.left + Double(index) / Double(figures.count - 1) * Self.plot.width
    }

    private func curve(_ style: String, _ count: Share) -> [Markup] {
        let points = figures.enumerated().compactMap { index, figure -> (x: Double, y: Double)? in
            guard let counts = figure.counts, let hits = count(counts), counts.sampleCount > 0
            else { return nil }
            let share = Double(hits) / Double(counts.sampleCount)
            return (x(index), Self.plot.top + (1 - share) * Self.plot.height)
        }
        return points.count > 1 ? [Chart.curve(points, style: style)] : []
    }

    private var description: String {
        figures.compactMap { figure in
            figure.counts.map {
                "\(figure.setting ?? 0) images: \($0.correctCount) of \($0.sampleCount) named, "
                    + "\($0.originalCorrectCount) by the first version."
            }
        }.joined(separator: " ")
    }
}
