internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// What a run wrote down about the gradients of forgetting and of retaining.
struct GradientFigures {
    let version: String
    let method: String
    let looks: [GradientLook]
    /// The mean of the cosines, over all steps where the run counted them, else over the looks.
    let meanCosine: Double
    /// The share of steps in which the two pulled against each other, counted as the mean is.
    let conflictingShare: Double

    /// Nil for a version whose run did not look.
    init?(_ version: AuditedVersion) {
        guard let run = version.manifest.run else { return nil }
        let looks = run.gradients ?? []
        let count = Double(max(looks.count, 1))
        let mean = run.selectionFigures["meanGradientCosine"]
        guard !looks.isEmpty || mean != nil else { return nil }
        self.version = version.name
        self.looks = looks
        method = run.method
        meanCosine = mean ?? looks.reduce(0) { $0 + max(-1, min(1, $1.cosine)) } / count
        conflictingShare =
            run.selectionFigures["conflictingSteps"]
            ?? Double(looks.count { $0.cosine < 0 }) / count
    }

    /// In a sentence.
    var words: String {
        "gradients of \(version): mean cosine \(Self.number(meanCosine)), against each other in "
            + "\(Self.number(conflictingShare * 100)) % of the steps"
    }

    /// A figure with at most four digits behind the point, however large a record says it is.
    static func number(_ value: Double) -> String {
        abs(value) < 1e9 ? "\((value * 10_000).rounded() / 10_000)" : "\(value)"
    }
}

/// The gradient monitor of a line on the page: its newest run as a picture, all runs in numbers.
struct GradientSection {
    let line: AuditedLine
    let id: String
    /// At most so many runs are listed, the newest.
    private static let mostRows = 100

    var markup: [Markup] {
        let runs = line.versions.compactMap(GradientFigures.init).reversed()
        guard !runs.isEmpty else { return [] }
        var content: [Markup] = [.element("h3", text: "The gradient monitor")]
        let picture = runs.lazy.compactMap { run in
            GradientPicture(version: run.version, looks: run.looks, id: "\(id)-gradients")
        }.first
        if let picture { content.append(picture.markup) }
        let rows = runs.prefix(Self.mostRows).map { run -> [Markup] in
            [
                .text(run.version), .text(run.method),
                .text(GradientFigures.number(run.meanCosine)),
                .text(GradientFigures.number(run.conflictingShare * 100) + " %"),
                .text("\(run.looks.count)"),
            ]
        }
        content.append(
            PageReport.table(
                "What runs wrote down of the gradients of forgetting and of retaining",
                ["version", "method", "mean cosine", "against each other", "looks kept"],
                numbers: [2, 3, 4], rows))
        return content
    }
}
