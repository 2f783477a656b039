import LetheRecords
import Testing

@testable import LetheReports
@testable import LetheVerification

@Suite("Reports that were tampered with")
struct ReportCheckTests {
    private typealias Fixtures = JudgingFixtures

    /// Two requests; the earlier came back, so that the honest report fails a gate.
    private func failing() throws -> (report: JudgeReport, requests: [ForgetRequest]) {
        let requests = [try Fixtures.request([9], minute: 1), try Fixtures.request([2], minute: 2)]
        var classes = Fixtures.tenClasses(forgotten: [2, 9])
        classes[9].lost = 90
        classes[0].lost = 4
        classes[1].gained = 2
        let report = try Fixtures.builder(requests: requests, sequenceNumber: 2)
            .report(Fixtures.answers(classes), environment: Fixtures.environment)
        return (report, requests)
    }

    private func message(
        _ report: JudgeReport, _ requests: [ForgetRequest], policy: Policy = Fixtures.policy
    ) -> String? {
        do throws(LetheError) {
            try ReportCheck.require(
                report, requests: requests, policy: policy, sequenceNumber: 2)
            return nil
        } catch {
            return error.code == .integrity ? error.message : "\(error.code)"
        }
    }

    @Test("An honest report is accepted, whether it passed or not")
    func honest() throws {
        let (report, requests) = try failing()
        #expect(!report.passed)
        #expect(message(report, requests) == nil)
    }

    @Test("A report read back from its bytes is accepted")
    func readBack() throws {
        let (report, requests) = try failing()
        let read = try JudgeReport.read(canonical: report.canonicalBytes())
        #expect(message(read, requests) == nil)
    }

    @Test("A report with an earlier request left out is found")
    func requestLeftOut() throws {
        let (_, requests) = try failing()
        var classes = Fixtures.tenClasses(forgotten: [2])
        classes[9].lost = 0
        let report = try Fixtures.builder(requests: [requests[1]], sequenceNumber: 2)
            .report(Fixtures.answers(classes), environment: Fixtures.environment)
        #expect(report.passed)
        #expect(message(report, [requests[1]]) == nil)
        #expect(message(report, requests)?.contains("class 9") == true)
    }

    @Test("A request left out of the figures only is found")
    func figureLeftOut() throws {
        var (report, requests) = try failing()
        report.forgotten.removeFirst()
        report.gates.removeFirst(4)
        #expect(report.passed)
        #expect(message(report, requests)?.contains("report.forgotten") == true)
    }

    @Test("Gates that were turned, edited or dropped are found")
    func gates() throws {
        let (report, requests) = try failing()
        let failed = try #require(report.gates.firstIndex { !$0.held })
        var turned = report
        turned.gates[failed].held = true
        #expect(message(turned, requests)?.contains("gates[\(failed)].held") == true)
        var widened = report
        widened.gates[failed].limit = 0.9
        #expect(message(widened, requests)?.contains("gates[\(failed)].limit") == true)
        var dropped = report
        dropped.gates.removeAll { !$0.held }
        #expect(dropped.passed)
        #expect(message(dropped, requests)?.contains("report.gates") == true)
    }

    @Test("An edited bound, error probability or sequence number is found")
    func figures() throws {
        let (report, requests) = try failing()
        var edited = report
        edited.forgotten[0].accuracyUpperBound -= 0.001
        #expect(message(edited, requests)?.contains("accuracyUpperBound") == true)
        edited = report
        edited.errorProbability *= 2
        #expect(message(edited, requests)?.contains("errorProbability") == true)
        edited = report
        edited.sequenceNumber = 1
        #expect(message(edited, requests)?.contains("sequenceNumber") == true)
        edited = report
        edited.hMean = 0.99
        #expect(message(edited, requests)?.contains("hMean") == true)
        edited = report
        edited.retained.drop = 0
        #expect(message(edited, requests)?.contains("retained.drop") == true)
    }

    @Test("Another policy of the same name is found")
    func policy() throws {
        let (report, requests) = try failing()
        var lenient = Fixtures.policy
        lenient.retainedDropMaximum = 0.5
        #expect(message(report, requests, policy: lenient)?.contains("policy.digest") == true)
    }

    @Test("Counts that contradict each other are found")
    func counts() throws {
        let (report, requests) = try failing()
        var edited = report
        edited.classes[0].correctCount = 201
        #expect(message(edited, requests)?.contains("contradict") == true)
        edited = report
        edited.retained.gainedCount += 2
        #expect(message(edited, requests)?.contains("contradict") == true)
        edited = report
        edited.classes[0].sampleCount = Int.max
        #expect(message(edited, requests)?.contains("contradict") == true)
        edited = report
        edited.retained.lostCount = -2
        #expect(message(edited, requests)?.contains("contradict") == true)
    }

    @Test("A report whose class table was cut short is found")
    func tableCutShort() throws {
        var (report, requests) = try failing()
        report.classes.removeLast()
        #expect(message(report, requests) == "label-mismatch")
        (report, requests) = try failing()
        report.classes.swapAt(3, 4)
        #expect(message(report, requests)?.contains("class") == true)
    }
}
