import LetheRecords
import Testing

@testable import LetheReports
@testable import LetheVerification

@Suite("What follows from the counts of a probe")
struct ProbeFigureTests {
    private typealias Fixtures = JudgingFixtures

    private static var policy: Policy {
        var policy = Fixtures.policy
        policy.probes = ProbePolicy(
            seed: 1, headRefit: RecoveryProbe(imagesPerClass: [5], excessMaximum: 0.1),
            membership: MembershipProbe(advantageMaximum: 0), rounding: RoundingProbe(bits: [4]),
            relearning: RelearningProbe(
                imagesPerClass: [0], retainedImagesPerClass: 1, stepCount: 1, batchSize: 2,
                learningRate: 0.1, excessMaximum: 0.1))
        return policy
    }

    /// One request of 200 test images, and what the probes counted of it.
    private func report(
        headRefit: Int = 50, reference: Int? = 45, members: Int = 100, originalMembers: Int = 160,
        rounded: Int = 0, relearned: Int? = 0
    ) throws -> (report: JudgeReport, requests: [ForgetRequest]) {
        let request = try Fixtures.request([2])
        func figure(
            _ probe: ProbeKind, _ setting: Int?, _ hits: Int?, original: Int = 180,
            reference: Int? = nil, outcome: ProbeOutcome = .measured
        ) -> ProbeFigure {
            ProbeFigure(
                probe: probe, request: request.id, setting: setting, outcome: outcome,
                counts: hits.map {
                    ProbeCounts(
                        sampleCount: 200, correctCount: $0, originalCorrectCount: original,
                        referenceCorrectCount: reference,
                        aboveReferenceCount: reference.map { [hits] in max((hits ?? 0) - $0, 0) + 3
                        })
                })
        }
        var builder = Fixtures.builder(requests: [request], policy: Self.policy)
        builder.reference = reference.map { _ in Digest(hashing: [9]) }
        let report = try builder.report(
            Fixtures.answers(Fixtures.tenClasses(forgotten: [2])),
            probes: [
                figure(
                    .headRefit, 5, headRefit, reference: reference,
                    outcome: reference == nil ? .noReference : .measured),
                figure(.membership, nil, members, original: originalMembers),
                figure(.rounding, 4, rounded),
                figure(.relearning, 0, relearned, outcome: relearned == nil ? .noData : .measured),
            ], environment: Fixtures.environment)
        return (report, [request])
    }

    private func check(_ report: JudgeReport, _ requests: [ForgetRequest]) -> String? {
        do throws(LetheError) {
            try ReportCheck.require(
                report, requests: requests, policy: Self.policy, sequenceNumber: 1)
            return nil
        } catch {
            return error.message
        }
    }

    @Test("A model that shows nothing more than the reference passes and reaches tier 2")
    func passes() throws {
        let (report, requests) = try report()
        #expect(report.passed, "\(report.failures)")
        #expect(report.tier == 2)
        #expect(report.notTested.isEmpty)
        #expect(check(report, requests) == nil)
        #expect(report.probes?.first?.excess?.measured == 0.025)
        // One bound for the request, one for the drop, one beside the reference.
        let alone = BinomialStatistics.errorProbability(
            budget: 0.05, sequenceNumber: 1, boundCount: 3)
        #expect(report.errorProbability == alone)
    }

    @Test("Each probe has a gate of its own")
    func gates() throws {
        #expect(try report(headRefit: 80).report.failures.first?.hasPrefix("head-refit") == true)
        #expect(try report(members: 130).report.failures.first?.hasPrefix("membership") == true)
        #expect(try report(rounded: 60).report.failures.first?.hasPrefix("rounding") == true)
        #expect(try report(relearned: 60).report.failures.first?.hasPrefix("relearning") == true)
    }

    @Test("Without a reference recovery is reported, not judged, and the tier is 1")
    func noReference() throws {
        let (report, requests) = try report(headRefit: 180, reference: nil)
        #expect(report.passed)
        #expect(report.tier == 1)
        #expect(report.notTested.contains { $0.hasSuffix("(measured, but not judged)") })
        #expect(check(report, requests) == nil)
    }

    @Test("An attack that finds nothing in the first version is no information, and judges nothing")
    func noInformation() throws {
        let (report, requests) = try report(members: 150, originalMembers: 101)
        #expect(report.probes?[1].outcome == .noInformation)
        #expect(report.passed)
        #expect(report.notTested == ["membership inference (the attack finds nothing)"])
        #expect(check(report, requests) == nil)
    }

    @Test("A probe whose samples are gone says so and never counts as passed")
    func noData() throws {
        let (report, requests) = try report(relearned: nil)
        #expect(report.tier == 1)
        #expect(report.notTested.contains { $0.hasSuffix("(no data for a request)") })
        #expect(check(report, requests) == nil)
    }

    @Test("Figures of probes that were edited, turned or left out are found")
    func edited() throws {
        let (report, requests) = try report(headRefit: 80)
        var edited = report
        edited.probes?[0].excess?.measured = 0
        #expect(check(edited, requests) != nil)
        edited = report
        edited.probes?[0].outcome = .noReference
        #expect(check(edited, requests) != nil)
        edited = report
        edited.probes?[1].outcome = .noInformation
        #expect(check(edited, requests) != nil)
        edited = report
        edited.probes?.removeFirst()
        #expect(check(edited, requests) != nil)
        edited = report
        edited.probes = nil
        #expect(check(edited, requests) != nil)
    }

    @Test("The membership attack tells scores that differ and guesses where they do not")
    func attack() {
        let high = (0..<40).map { [Double($0) / 100 + 1, 0, 0] }
        let low = (0..<40).map { [Double($0) / 100, 0, 0] }
        #expect(MembershipAttack.guesses(seen: high, unseen: low).allSatisfy { $0 })
        #expect(MembershipAttack.guesses(seen: low, unseen: high).allSatisfy { $0 })
        let same = MembershipAttack.guesses(seen: low, unseen: low)
        #expect(same.count == 40 && same.count { $0 } == 20)
    }

    @Test("Policies whose probes make no sense are refused")
    func sense() {
        let changes: [(inout ProbePolicy) -> Void] = [
            { $0.headRefit?.imagesPerClass = [] }, { $0.headRefit?.imagesPerClass = [5, 5] },
            { $0.headRefit?.excessMaximum = 2 }, { $0.rounding?.bits = [1] },
            { $0.relearning?.stepCount = 0 }, { $0.membership?.advantageMaximum = -0.1 },
        ]
        for change in changes {
            var policy = Self.policy
            if var probes = policy.probes {
                change(&probes)
                policy.probes = probes
            }
            #expect(throws: LetheError.self) { try policy.requireSense() }
        }
    }
}
