import Foundation
import LethePages
import LetheRecords
import LetheStorage
import TestSupport
import Testing

@testable import LetheAudit

@Suite("Reports of an audit", .enabled(if: Program.has("git")))
struct ReportTests {
    @Test("The page is one file: no script, no address, each picture with title and description")
    func selfContained() async throws {
        let dossier = try await AuditScene().audit()
        let page = PageReport.html(dossier, at: TinyRegistry.now)
        for forbidden in ["<script", "<link", "<img", "@import", "url(", "href=", "src="] {
            #expect(!page.contains(forbidden), "\(forbidden)")
        }
        let addresses = page.matches(of: /https?:\/\/[^"]*/).map { String($0.output) }
        #expect(
            Set(addresses) == ["http://www.w3.org/2000/svg"], "a name space, nothing is fetched")
        #expect(page.contains("prefers-color-scheme: dark") && page.contains("@media print"))
        let pictures = page.matches(of: #/<svg /#).count
        #expect(pictures == 3)
        #expect(page.matches(of: /<desc id=/).count == pictures)
        #expect(page.matches(of: /<table>/).count == page.matches(of: /<caption>/).count)
        #expect(page.contains("<html lang=\"en\">") && page.contains("scope=\"col\""))
    }

    @Test("Names from records stay text, in elements, attributes and pictures")
    func hostileNames() throws {
        let names = [
            "</title><script>alert(1)</script>", "\" onload=\"alert(1)", "<img src=x onerror=y>",
            "]]><!--", "&lt;b&gt;", "a\u{202E}b\u{0}c", "' style='background:url(//x)",
        ]
        for name in names {
            var dossier = Dossier()
            dossier.findings = [
                StoreFinding(code: name, place: name, message: name, remedy: name)
            ]
            dossier.lines = [AuditedLine(model: name)]
            let page = PageReport.html(dossier, at: TinyRegistry.now)
            #expect(!page.contains(name), "\(name)")
            #expect(
                !page.contains("<script") && !page.contains("<img") && !page.contains("\u{202E}"))
            #expect(!page.contains("\" onload=") && !page.contains("<!--"))
            let attributes = Markup.element("p", [("title", name)], text: name).rendered
            #expect(attributes.matches(of: /"/).count == 2, "\(attributes)")
            #expect(!TextReport.text(dossier).contains("\u{202E}"))
        }
    }

    @Test("The JSON document says what the text says")
    func document() async throws {
        let dossier = try await AuditScene().audit()
        let document = DocumentReport.json(dossier)
        #expect(document["clean"]?.boolValue == true)
        #expect(document["models"]?.arrayValue?.first?["versions"]?.arrayValue?.count == 5)
        let version = document["models"]?.arrayValue?.first?["versions"]?.arrayValue?[1]
        #expect(version?["gradients"]?["looks"]?.arrayValue?.count == 2)
        #expect(document["checks"]?.arrayValue?.count == AuditTopic.allCases.count)
        let text = TextReport.text(dossier)
        #expect(text.contains("Nothing contradicts"))
        #expect(text.contains("faces: 5 versions, 2 requests, 2 certificates"))
    }

    @Test("The gradient monitor is drawn as two norms and a cosine, with its figures in words")
    func gradients() async throws {
        let dossier = try await AuditScene().audit()
        let page = PageReport.html(dossier, at: TinyRegistry.now)
        #expect(page.contains("Gradients while faces@v4 was made"))
        #expect(page.contains("In 1 of them the two pulled against each other."))
        #expect(page.contains("Step 1: norm of forgetting 2.0, of retaining 0.5, cosine -0.25."))
        #expect(
            TextReport.text(dossier).contains(
                "gradients of faces@v4: mean cosine 0.125, against each other in 50.0 %"))
    }

    @Test("No figure of a record, however large, leaves the picture")
    func hostileGradients() throws {
        let large = Double.greatestFiniteMagnitude
        let looks = [
            GradientLook(step: .max, forgetNorm: large, retainNorm: -large, cosine: large),
            GradientLook(step: .min, forgetNorm: 0, retainNorm: 0, cosine: -large),
        ]
        let picture = GradientPicture(version: "<b>", looks: looks, id: "x")
        let rendered = try #require(picture).markup.rendered
        #expect(rendered.matches(of: /<polyline/).count == 3 && !rendered.contains("<b>"))
        #expect(GradientPicture(version: "m", looks: [looks[0]], id: "x") == nil)
    }

    @Test("Relearning is drawn where a report has a curve")
    func relearning() {
        let figures = [0, 1, 5].map { setting in
            ProbeFigure(
                probe: .relearning, request: "r-1", setting: setting, outcome: .measured,
                counts: ProbeCounts(
                    sampleCount: 10, correctCount: setting, originalCorrectCount: 10,
                    referenceCorrectCount: setting == 0 ? nil : 1,
                    aboveReferenceCount: setting == 0 ? nil : 0))
        }
        var report = JudgeReport(
            weights: Digest(hashing: [1]), original: Digest(hashing: [2]),
            dataset: DatasetReference(name: "d", digest: Digest(hashing: [3])), split: "test",
            policy: PolicyReference(name: "p", digest: Digest(hashing: [4])), sequenceNumber: 1,
            errorProbability: 0.01, forgotten: [],
            retained: RetainedFigure(
                sampleCount: 0, correctCount: 0, originalCorrectCount: 0, lostCount: 0,
                gainedCount: 0, accuracy: 0, originalAccuracy: 0, drop: 0, dropUpperBound: 0,
                worstClass: nil, worstClassDrop: 0), classes: [], hMean: 0, gates: [],
            environment: RunEnvironment(lethe: "", libTorch: "", device: "", threads: 1),
            probes: figures)
        let picture = RelearningPicture(model: "m", request: "r-1", report: report, id: "x")
        #expect(picture?.markup.rendered.matches(of: /<polyline/).count == 3)
        report.probes = nil
        #expect(
            RelearningPicture(model: "m", request: "r-1", report: report, id: "x") == nil)
    }
}
