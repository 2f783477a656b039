internal import Foundation
internal import LetheRecords

/// A judge's report as tables.
enum ReportRendering {
    static func text(_ report: JudgeReport) -> String {
        [figures(report), probes(report), gates(report)].compactMap { $0 }
            .joined(separator: "\n\n")
    }

    /// What the probes found; nil where none was run.
    private static func probes(_ report: JudgeReport) -> String? {
        guard let probes = report.probes else { return nil }
        var table = Table(
            ["probe", "request", "setting", "samples", "before", "now", "reference", ""],
            numbers: [2, 3, 4, 5, 6])
        for figure in probes {
            let counts = figure.counts
            func share(_ count: Int?) -> String {
                guard let count, let counts else { return "-" }
                return Numbers.percent(Double(count) / Double(counts.sampleCount))
            }
            func number(_ value: Double?) -> String {
                value.map { String(format: "%.3f", $0) } ?? "-"
            }
            table.add(
                figure.probe.rawValue, figure.request ?? "", setting(figure),
                counts.map { "\($0.sampleCount)" } ?? "-", share(counts?.originalCorrectCount),
                counts == nil ? number(figure.value) : share(counts?.correctCount),
                counts == nil
                    ? number(figure.referenceValue) : share(counts?.referenceCorrectCount),
                figure.outcome == .measured
                    ? "" : figure.outcome.rawValue.replacing("-", with: " "))
        }
        return table.text
    }

    private static func setting(_ figure: ProbeFigure) -> String {
        switch (figure.probe, figure.setting) {
        case (_, nil): ""
        case (.rounding, let bits?): "\(bits) bits"
        case (.headRefit, 0?), (.prototype, 0?): "all images"
        case (.lossBarrier, let points?): "\(points) points"
        case (_, let images?): "\(images) a class"
        }
    }

    private static func figures(_ report: JudgeReport) -> String {
        var table = Table(
            ["measured on the test split", "samples", "before", "now", "bound"],
            numbers: [1, 2, 3, 4])
        for (index, figure) in report.forgotten.enumerated() {
            let name = index == report.forgotten.count - 1 ? "Acc_f" : "Acc_o"
            if let samples = figure.samples {
                addSamples(figure, samples, name: name, to: &table)
                continue
            }
            let labels = figure.classes.map(String.init).joined(separator: ",")
            table.add(
                "\(name)  \(figure.request) (classes \(labels))", "\(figure.sampleCount)",
                Numbers.percent(figure.originalAccuracy), Numbers.percent(figure.accuracy),
                "≤ \(Numbers.percent(figure.accuracyUpperBound))")
        }
        let retained = report.retained
        table.add(
            "Acc_r  retained classes", "\(retained.sampleCount)",
            Numbers.percent(retained.originalAccuracy), Numbers.percent(retained.accuracy),
            "drop ≤ \(Numbers.percent(retained.dropUpperBound))")
        if let worst = retained.worstClass {
            table.add(
                "worst retained class: \(worst)", "", "",
                "drop \(Numbers.percent(retained.worstClassDrop))", "")
        }
        table.add("H-mean", "", "", Numbers.percent(report.hMean), "")
        return table.text
    }

    private static func addSamples(
        _ figure: ForgottenFigure, _ samples: SampleFigure, name: String, to table: inout Table
    ) {
        table.add(
            "\(name)  \(figure.request) (training samples)", "\(figure.sampleCount)",
            Numbers.percent(figure.originalAccuracy), Numbers.percent(figure.accuracy),
            "≤ \(Numbers.percent(figure.accuracyUpperBound))")
        table.add(
            "  test samples of their classes", "",
            Numbers.percent(figure.originalAccuracy - samples.originalExcess),
            Numbers.percent(samples.testAccuracy),
            "≥ \(Numbers.percent(samples.testAccuracyLowerBound))")
        table.add(
            "  excess", "", Numbers.percent(samples.originalExcess),
            Numbers.percent(samples.excess), "≤ \(Numbers.percent(samples.excessUpperBound))")
    }

    static func gates(_ report: JudgeReport) -> String {
        var table = Table(["gate", "subject", "value", "limit", ""], numbers: [2, 3])
        for gate in report.gates {
            let sign = gate.comparison == "at-most" ? "≤" : "≥"
            let isCount = gate.gate.hasSuffix("samples")
            func number(_ value: Double) -> String {
                isCount ? "\(Int(value))" : Numbers.percent(value)
            }
            table.add(
                gate.gate, gate.subject, number(gate.value), "\(sign) \(number(gate.limit))",
                gate.held ? "held" : "FAILED")
        }
        return table.text
    }
}
