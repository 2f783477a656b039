internal import LetheCertificates
internal import LethePages
public import LetheRecords
internal import LetheRegistry
internal import LetheStorage

/// An audit as one HTML page that needs nothing else: no script, no font, no picture from outside.
public enum PageReport {
    /// At most so many versions of a line are listed, the newest.
    private static let mostRows = 400
    /// At most so many models have a section of their own; the others are one row each.
    private static let mostLines = 50

    /// The page.
    public static func html(_ dossier: Dossier, at time: Timestamp) -> String {
        let title = "Audit of \(dossier.log?.origin ?? "a lineage")"
        let head = Markup.element(
            "head", [],
            [
                .element("meta", [("charset", "utf-8")], []),
                .element(
                    "meta",
                    [("name", "viewport"), ("content", "width=device-width, initial-scale=1")], []),
                .element(
                    "meta",
                    [
                        ("http-equiv", "Content-Security-Policy"),
                        ("content", "default-src 'none'; style-src 'unsafe-inline'"),
                    ], []),
                .element("title", text: title),
            ])
        let body = Markup.element(
            "main", [],
            [.element("h1", text: title), summary(dossier, time), checks(dossier)]
                + [findings(dossier)]
                + dossier.lines.prefix(mostLines).enumerated().map { section($1, number: $0) }
                + [others(Array(dossier.lines.dropFirst(mostLines)))]
                + [limits])
        // The style sheet is a constant of ours; a browser reads it as it stands, unescaped.
        let style = "<style>\(Style.sheet)</style>\n"
        return "<!DOCTYPE html>\n<html lang=\"en\">"
            + head.rendered.replacing("</head>", with: "\(style)</head>")
            + "<body>\(body.rendered)</body></html>\n"
    }

    private static func summary(_ dossier: Dossier, _ time: Timestamp) -> Markup {
        let verdict =
            dossier.isClean
            ? "Nothing contradicts what the registry claims."
            : "Something does not hold: see the findings."
        let log = dossier.log.map { log in
            "\(log.size) log entries, root \(log.root?.description ?? "unknown")"
                + (log.savedSize.map { "; compared with a saved checkpoint of \($0) entries" } ?? "")
        }
        return .element(
            "header", [],
            [
                .element(
                    "p", [("class", dossier.isClean ? "verdict" : "verdict bad")],
                    [.element("strong", text: verdict)]),
                .element(
                    "p",
                    text: "\(dossier.lines.count) models, \(dossier.versionCount) versions, "
                        + "\(log ?? "no log at hand"). Made by lethe-audit \(letheVersion) at "
                        + "\(time)."
                        + (dossier.trustsItself
                            ? " The trusted keys came from the registry itself: compare their "
                                + "fingerprints with those that you were given." : "")),
            ])
    }

    private static func checks(_ dossier: Dossier) -> Markup {
        let rows = AuditTopic.allCases.compactMap { topic -> [Markup]? in
            guard let tally = dossier.tallies[topic] else { return nil }
            return [
                .text(topic.question), .text("\(tally.checkedCount)"),
                tally.failedCount == 0
                    ? .element("span", [("class", "good")], text: "none")
                    : .element("span", [("class", "bad")], text: "\(tally.failedCount)"),
                .text("\(tally.openCount)"),
            ]
        }
        return .element(
            "section", [],
            [
                .element("h2", text: "What was checked"),
                table(
                    "Checks, and how many did not hold or could not be decided",
                    ["question", "checked", "failed", "open"], numbers: [1, 2, 3], rows),
            ])
    }

    private static func findings(_ dossier: Dossier) -> Markup {
        let rows = dossier.findings.prefix(500).map { finding -> [Markup] in
            [
                .element(
                    "span", [("class", finding.isDamage ? "bad" : "open")],
                    text: finding.isDamage ? "broken" : "note"),
                .text(finding.place), .text(finding.message), .text(finding.remedy),
            ]
        }
        return .element(
            "section", [],
            [
                .element("h2", text: "Findings"),
                rows.isEmpty
                    ? .element("p", text: "None.")
                    : table(
                        "What was found: \(dossier.findings.count), the first \(rows.count) shown",
                        ["kind", "where", "what", "what to do"], rows),
            ])
    }

    private static func section(_ line: AuditedLine, number: Int) -> Markup {
        let id = "line-\(number)"
        var content: [Markup] = [
            .element("h2", text: "Model \(line.model)"),
            LineagePicture(line: line, id: "\(id)-lineage").markup, versions(line),
        ]
        if let certificate = line.newest {
            content += CertificateSection(line: line, certificate: certificate, id: id).markup
        }
        content += GradientSection(line: line, id: id).markup
        if !line.judgements.isEmpty { content.append(judgements(line)) }
        return .element("section", [], content)
    }

    /// Models without a section of their own.
    private static func others(_ lines: [AuditedLine]) -> Markup {
        if lines.isEmpty { return .group([]) }
        let rows = lines.map { line -> [Markup] in
            let newest = line.newest?.verdict
            return [
                .text(line.model), .text("\(line.versions.count)"),
                .text("\(line.requests.count)"),
                .text("\(line.versions.count { $0.certificate != nil })"),
                .text(newest.map { "v\($0.version), tier \($0.tier), \($0.issued)" } ?? "none"),
            ]
        }
        return .element(
            "section", [],
            [
                .element("h2", text: "Further models"),
                table(
                    "\(lines.count) further models, a row each; --json has all of their versions",
                    ["model", "versions", "requests", "certificates", "certified last"],
                    numbers: [1, 2, 3], rows),
            ])
    }

    private static func versions(_ line: AuditedLine) -> Markup {
        let rows = line.versions.suffix(mostRows).reversed().map { version -> [Markup] in
            [
                .text("v\(version.manifest.number)"),
                .text(version.manifest.operation.rawValue),
                .text(version.state.rawValue),
                .element(
                    "span", [("class", "moment")], text: "\(version.manifest.created)"),
                .text("\(version.requests.count)"),
                version.certificate.map { certificate in
                    .text(
                        "tier \(certificate.tier), \(certificate.bar.policy.name), judgement "
                            + "\(certificate.bar.number)"
                            + (certificate.isRecomputed ? ", figures computed again" : ""))
                } ?? .text(""),
                .element("code", text: version.digest.description),
            ]
        }
        return table(
            "Versions of \(line.model), newest first"
                + (line.versions.count > mostRows ? "; the newest \(mostRows)" : ""),
            ["version", "made by", "state", "when", "requests", "certificate", "manifest"],
            numbers: [4], rows)
    }

    private static func judgements(_ line: AuditedLine) -> Markup {
        let failed = line.judgements.filter { $0.stage == .failed }
        let announced = line.judgements.count { $0.stage == .announced }
        let certified = line.versions.count { $0.certificate != nil }
        return .group([
            .element("h3", text: "Judgements"),
            .element(
                "p",
                text: "\(announced) announced, \(certified) certified, \(failed.count) failed, "
                    + "\(max(announced - certified - failed.count, 0)) interrupted or judged for "
                    + "another registry. Each spends error budget, whatever came of it."),
        ])
    }

    static func table(
        _ caption: String, _ headings: [String], numbers: Set<Int> = [], _ rows: [[Markup]]
    ) -> Markup {
        func style(_ column: Int) -> [(String, String)] {
            numbers.contains(column) ? [("class", "number")] : []
        }
        let head = headings.enumerated().map { column, text in
            Markup.element("th", [("scope", "col")] + style(column), text: text)
        }
        let table = Markup.element(
            "table", [],
            [
                .element("caption", text: caption),
                .element("thead", [], [.element("tr", [], head)]),
                .element(
                    "tbody", [],
                    rows.map { row in
                        .element(
                            "tr", [],
                            row.enumerated().map { .element("td", style($0), [$1]) })
                    }),
            ])
        // Too wide for a phone, it scrolls by itself; the keyboard reaches it for that.
        return .element(
            "div",
            [("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", caption)],
            [table])
    }

    /// What a clean audit does not say.
    private static let limits = Markup.element(
        "footer", [],
        [
            .element("h2", text: "What this does not prove"),
            .element(
                "p",
                text: "That the figures were measured honestly, that test data is what it says, "
                    + "that a reference model never saw the forgotten classes, that other copies "
                    + "of a model are gone, or anything about privacy. Only who has the data can "
                    + "judge again."),
        ])
}
