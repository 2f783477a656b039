internal import LetheCertificates
internal import LethePages
internal import LetheRecords
internal import LetheRegistry
internal import LetheReports

/// `/models/<name>/v<number>/certificate`: checks the certificate now, and says what holds.
struct CertificatePage: PageRoute {
    static let name = "page-certificate"
    private let model: String
    private let number: Int

    init?(_ path: RequestPath) {
        guard let found = NamedVersion.split(path, ending: ["certificate"]) else { return nil }
        (model, number) = found
    }

    var need: Need { .read(model: model) }

    func page(_ call: Call) throws -> Page {
        let named = try NamedVersion(model, number, call)
        guard named.manifest.operation == .certify else {
            throw Failure.noFile(Registry.certificateName, in: named.version.name)
        }
        var content: [Markup] = [.element("h1", text: "Certificate of \(named.version.name)")]
        do throws(LetheError) {
            let details = try call.registry.certificateDetails(of: named.version)
            content += held(details, named, call)
        } catch {
            content.append(
                Parts.verdict(
                    "This certificate does NOT hold.",
                    ["Nothing that it says can be relied on. Run lethe fsck and lethe audit."],
                    style: "bad"))
        }
        return Page(
            title: "Certificate of \(named.version.name)", trail: named.trail, place: "Models",
            content: content + [Self.limits, checkYourself(named)])
    }

    private func held(
        _ details: CertificateDetails, _ named: NamedVersion, _ call: Call
    ) -> [Markup] {
        let verdict = details.checked.verdict
        let report = verdict.report
        return [
            verdictBox(details, named), facts(details, call),
            Parts.section("What was checked just now", id: "checked", [checks(details, call)]),
            Parts.section(
                "Gates", id: "gates", [GateSection.markup(report, model: model)]),
            Parts.section(
                "Accuracy", id: "accuracy",
                [
                    figures(report),
                    Parts.wide(
                        AccuracyPicture(model: model, report: report, id: "accuracy-picture")
                            .markup,
                        label: "Accuracy of each class"),
                ] + relearning(report)),
        ]
    }

    private func verdictBox(_ details: CertificateDetails, _ named: NamedVersion) -> Markup {
        let count = details.checked.verdict.requests.count
        let requests = "\(Words.count(count, "request")) hold\(count == 1 ? "s" : "")"
        if let refusal = named.refusal {
            return Parts.verdict(
                "The certificate holds, but this version is no longer given out.",
                [refusal.message, refusal.remedy ?? ""], style: "bad")
        }
        return Parts.verdict(
            "The certificate holds.",
            [
                "A verifier judged v\(details.checked.verdict.version) and found that \(requests) "
                    + "by the policy's measure.",
                details.checked.verdict.exact == nil
                    ? "" : "It is exact: the files never saw what was deleted.",
            ])
    }

    private func facts(_ details: CertificateDetails, _ call: Call) -> Markup {
        let (checked, verdict) = (details.checked, details.checked.verdict)
        let signer = checked.signer.identifier
        return Parts.facts([
            ("Issued", Parts.time(verdict.issued)),
            ("Signed by", Parts.code(signer)),
            ("Known as", details.signerComment.isEmpty ? nil : .text(details.signerComment)),
            ("Tier", .text("\(verdict.tier)")),
            ("Policy", PolicyPage.link(verdict.report.policy.name, call)),
            ("Requests", .text(verdict.requests.map(\.id).joined(separator: ", "))),
            (
                "Data",
                .text("the split \(verdict.report.split) of \(verdict.report.dataset.name)")
            ),
            (
                "Not tested",
                verdict.notTested.isEmpty ? nil : .text(verdict.notTested.joined(separator: ", "))
            ),
            ("Certificate", Parts.code(checked.digest.description)),
        ])
    }

    private func checks(_ details: CertificateDetails, _ call: Call) -> Markup {
        let figures = recomputed(details.checked.verdict, call)
        let rows: [(String, Bool?, Markup)] = [
            ("Its bytes are signed with the key of a trusted verifier", true, .text("")),
            (
                "It is about this version's files, all "
                    + "\(details.checked.files.count), by SHA-256", true, .text("")
            ),
            ("It names every request that the line has honoured", true, .text("")),
            (
                "Its figures and gates follow from its counts and the policy", figures.holds,
                .text(figures.words)
            ),
            (
                "The signed log has it",
                details.entryIndex != nil,
                details.entryIndex.map {
                    Parts.link("entry \($0)", to: Address.logEntry($0))
                } ?? .text(details.logComplaint ?? "")
            ),
        ]
        return Parts.table(
            "Checked by this server, with the keys that it trusts", ["Question", "Answer", "How"],
            long: [0],
            rows.map { question, holds, words in
                [
                    .text(question),
                    .element(
                        "span", [("class", holds.map { $0 ? "good" : "bad" } ?? "open")],
                        text: holds.map { $0 ? "holds" : "does NOT hold" } ?? "open"),
                    words,
                ]
            })
    }

    private func recomputed(
        _ verdict: ForgetVerdict, _ call: Call
    ) -> (holds: Bool?, words: String) {
        guard let policy = try? call.registry.policy(named: verdict.report.policy.name),
            (try? policy.digest()) == verdict.report.policy.digest
        else { return (nil, "this registry no longer has that policy") }
        do throws(LetheError) {
            try VerdictCheck.require(verdict, policy: policy)
            return (true, "computed again")
        } catch {
            return (false, error.message)
        }
    }

    private func figures(_ report: JudgeReport) -> Markup {
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
            .text(Self.fall(report.retained.dropUpperBound)),
        ]
        return Parts.table(
            "Accuracy on test images, before and now",
            ["What", "Images", "First version", "Now", "Bound"], numbers: [1, 2, 3],
            forgotten + [retained])
    }

    private static func fall(_ bound: Double) -> String {
        bound < 0
            ? "rose by at least \(Chart.percent(-bound))"
            : "fell by at most \(Chart.percent(bound))"
    }

    private func relearning(_ report: JudgeReport) -> [Markup] {
        report.forgotten.enumerated().compactMap { index, figure in
            RelearningPicture(
                model: model, request: figure.request, report: report, id: "relearning-\(index)"
            )?.markup
        }
    }

    private func checkYourself(_ named: NamedVersion) -> Markup {
        Parts.section(
            "Check it yourself", id: "yourself",
            [
                Parts.text(
                    "This page is as honest as the server that made it. With keys from somebody "
                        + "you trust and without this server:"),
                Parts.commands([
                    "lethe verify --certificate lethe-certificate.json --trusted allowed_signers",
                    "lethe proof --check model.tlog-proof --trusted allowed_signers",
                ]),
                named.release == nil
                    ? .group([])
                    : Parts.list([
                        Parts.link(
                            "The certificate's file",
                            to: Address.file(Registry.certificateName, model, number)),
                        Parts.link(
                            "The proof that it is logged",
                            to: Address.file(Registry.proofName, model, number)),
                    ]),
            ])
    }

    private static let limits = Parts.section(
        "What a certificate does not prove", id: "limits",
        [
            Parts.list([
                .text(
                    "That the images were what they are said to be, or that the verifier counted "
                        + "honestly: only who has them can judge again."),
                .text(
                    "That nothing of what was forgotten can be got back from the weights: a tier "
                        + "says which attacks were tried, and no more."),
                .text("Anything about privacy in a mathematical sense."),
                .text("That copies elsewhere are gone: receipts are about single places."),
                .text("That the request came from who it says."),
            ])
        ])
}
