internal import LetheCertificates
internal import LethePages
internal import LetheRecords

/// The newest certificate of a line on the page: figures, gates and pictures.
struct CertificateSection {
    let line: AuditedLine
    let certificate: CheckedCertificate
    let id: String

    private var report: JudgeReport { certificate.verdict.report }

    var markup: [Markup] {
        let verdict = certificate.verdict
        var content: [Markup] = [
            .element("h3", text: "The newest certificate: \(line.model)@v\(verdict.version)"),
            .element(
                "p",
                text: "Issued \(verdict.issued) by \(certificate.signer.identifier), tier "
                    + "\(verdict.tier), policy \(report.policy.name), on the split "
                    + "\(report.split) of \(report.dataset.name)."
                    + (verdict.exact == nil
                        ? "" : " Exact: the files never saw what was deleted.")
                    + (verdict.notTested.isEmpty
                        ? "" : " Not tested: \(verdict.notTested.joined(separator: ", ")).")),
            figures,
            AccuracyPicture(model: line.model, report: report, id: "\(id)-accuracy").markup,
            classes, gates,
        ]
        for (index, figure) in report.forgotten.enumerated() {
            let picture = RelearningPicture(
                model: line.model, request: figure.request, report: report,
                id: "\(id)-relearning-\(index)")
            if let picture { content.append(picture.markup) }
        }
        return content
    }

    private var figures: Markup {
        let forgotten = report.forgotten.map { figure -> [Markup] in
            [
                .text("forgotten: \(figure.request)"), .text("\(figure.sampleCount)"),
                .text(Chart.percent(figure.originalAccuracy)),
                .text(Chart.percent(figure.accuracy)),
                .text("at most \(Chart.percent(figure.accuracyUpperBound))"),
            ]
        }
        let retained: [Markup] = [
            .text("retained"), .text("\(report.retained.sampleCount)"),
            .text(Chart.percent(report.retained.originalAccuracy)),
            .text(Chart.percent(report.retained.accuracy)),
            .text("fell by at most \(Chart.percent(report.retained.dropUpperBound))"),
        ]
        return PageReport.table(
            "Accuracy before and after", ["what", "samples", "before", "now", "bound"],
            numbers: [1, 2, 3], forgotten + [retained])
    }

    private var classes: Markup {
        let rows = report.classes.map { figure -> [Markup] in
            [
                .text("\(figure.label)"), .text("\(figure.sampleCount)"),
                .text(Chart.percent(AccuracyPicture.share(figure.originalCorrectCount, figure))),
                .text(Chart.percent(AccuracyPicture.share(figure.correctCount, figure))),
                .text(figure.request ?? "retained"),
            ]
        }
        return .element(
            "details", [],
            [
                .element("summary", text: "Every class in numbers"),
                PageReport.table(
                    "Accuracy of each class", ["class", "samples", "before", "now", "request"],
                    numbers: [0, 1, 2, 3], rows),
            ])
    }

    private var gates: Markup {
        let rows = report.gates.map { gate -> [Markup] in
            [
                .text(gate.gate), .text(gate.subject), .text(Self.number(gate.value)),
                .text(
                    (gate.comparison == "at-most" ? "at most " : "at least ")
                        + Self.number(gate.limit)),
                .element(
                    "span", [("class", gate.held ? "good" : "bad")],
                    text: gate.held ? "held" : "failed"),
            ]
        }
        return PageReport.table(
            "Gates of the policy \(report.policy.name)",
            ["gate", "applied to", "measured", "limit", "result"], numbers: [2, 3], rows)
    }

    /// A share with four digits behind the point, or a count.
    private static func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e9 { return "\(Int(value))" }
        return "\((value * 10_000).rounded() / 10_000)"
    }
}
