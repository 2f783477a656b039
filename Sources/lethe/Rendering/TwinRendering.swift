internal import LetheRecords
internal import LetheReports

/// A report of tier 3 for a person.
enum TwinRendering {
    static func text(_ report: TwinReport) -> String {
        var attacks = Table(
            ["attack", "right", "area", "hits at 1 %", "before forgetting", "says"],
            numbers: [1, 2, 3, 4])
        for figure in report.attacks {
            let before =
                figure.sanityAccuracies.reduce(0, +)
                / Double(max(figure.sanityAccuracies.count, 1))
            attacks.add(
                figure.attack.rawValue, Numbers.percent(figure.meanAccuracy),
                Numbers.percent(figure.areaUnderCurve),
                Numbers.percent(figure.hitRateAtOnePercent), Numbers.percent(before),
                figure.outcome == .measured ? "something" : "nothing")
        }
        var gates = Table(["gate", "of what", "value", "at most", "held"], numbers: [2, 3])
        for gate in report.gates {
            gates.add(
                gate.gate, gate.subject, points(gate.value), points(gate.limit),
                gate.held ? "yes" : "NO")
        }
        return """
            \(report.pairCount) pairs of twins; attackers learnt from \(report.fittedPairCount)
            Average gap to Retrain: \(points(report.averageGap)) points; between two seeds of \
            Retrain: \(points(report.seedGap))

            \(attacks.text)

            \(gates.text)

            """
                + (report.passed ? "passed" : "NOT passed")
                + (report.attacks.contains { $0.outcome == .measured }
                    ? "" : ": no attack says anything")
    }

    private static func points(_ value: Double) -> String {
        "\((value * 100).rounded() / 100)"
    }
}
