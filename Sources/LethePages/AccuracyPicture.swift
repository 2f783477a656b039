public import LetheRecords

/// Accuracy of each class before and after, as the newest certificate of a line has it.
public struct AccuracyPicture {
    let model: String
    let report: JudgeReport
    let id: String
    private static let plot = (left: 44.0, top: 12.0, height: 150.0)

    /// Draws a report; `id` is unique on its page.
    public init(model: String, report: JudgeReport, id: String) {
        self.model = model
        self.report = report
        self.id = id
    }

    /// The picture, with its figures in words for who cannot see it.
    public var markup: Markup {
        let slot = max(5, min(26, 820 / Double(max(report.classes.count, 1))))
        let width = slot * Double(report.classes.count)
        var content = axis(width: width)
        for (index, figure) in report.classes.enumerated() {
            content += bars(figure, x: Self.plot.left + Double(index) * slot, slot: slot)
        }
        let below = Self.plot.top + Self.plot.height
        content.append(
            Chart.text(
                Self.plot.left, below + 30,
                "grey: first version; blue: certified, retained; red: certified, forgotten"))
        return Chart.picture(
            id: id, title: "Accuracy of each class of \(model) before and after",
            description: description, width: max(width, 420) + Self.plot.left + 12,
            height: below + 40, content)
    }

    private func axis(width: Double) -> [Markup] {
        let bottom = Self.plot.top + Self.plot.height
        return [0, 0.5, 1].flatMap { share -> [Markup] in
            let y = bottom - share * Self.plot.height
            return [
                Chart.line(
                    (Self.plot.left, y), (Self.plot.left + width, y), style: "axis"),
                Chart.text(Self.plot.left - 6, y + 4, Chart.percent(share), anchor: "end"),
            ]
        } + [Chart.text(Self.plot.left, bottom + 14, "class 0 to \(report.classes.count - 1)")]
    }

    private func bars(_ figure: ClassFigure, x: Double, slot: Double) -> [Markup] {
        let bottom = Self.plot.top + Self.plot.height
        let (before, now) = (
            Self.share(figure.originalCorrectCount, figure), Self.share(figure.correctCount, figure)
        )
        func bar(_ share: Double, _ offset: Double, _ style: String) -> Markup {
            Chart.box(
                x: x + offset * slot, y: bottom - share * Self.plot.height, width: slot * 0.4,
                height: share * Self.plot.height, style: style,
                tip: "class \(figure.label): \(Chart.percent(before)) before, "
                    + "\(Chart.percent(now)) now, of \(figure.sampleCount)")
        }
        return [
            bar(before, 0.08, "before"),
            bar(now, 0.5, figure.request == nil ? "now" : "forgotten"),
        ]
    }

    /// The share of right answers for one class, in 0...1.
    public static func share(_ count: Int, _ figure: ClassFigure) -> Double {
        figure.sampleCount > 0 ? Double(count) / Double(figure.sampleCount) : 0
    }

    private var description: String {
        let retained = report.retained
        let forgotten = report.forgotten.map {
            "\($0.request): \(Chart.percent($0.originalAccuracy)) before, "
                + "\(Chart.percent($0.accuracy)) now."
        }
        return "Retained classes: \(Chart.percent(retained.originalAccuracy)) before, "
            + "\(Chart.percent(retained.accuracy)) now. Forgotten: "
            + forgotten.joined(separator: " ") + " The table below has every class."
    }
}
