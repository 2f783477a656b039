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
        #expect(report.notTested == ["probabilities of neighbouring classes"])
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
        #expect(
            report.notTested == [
                "membership inference (the attack finds nothing)",
                "probabilities of neighbouring classes",
            ])
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

    /// A curve of three points, and what comes back with retained images alone.
    private func curveReport(
        _ above: [Int], dormant: Int, neighbour: Int = 100
    ) throws -> (report: JudgeReport, request: ForgetRequest, policy: Policy) {
        var policy = Fixtures.policy
        policy.probes = ProbePolicy(
            seed: 1,
            relearning: RelearningProbe(
                imagesPerClass: [0, 5], retainedImagesPerClass: 1, stepCount: 9, batchSize: 2,
                learningRate: 0.1, excessMaximum: 0.5, measuredSteps: [3, 6],
                curveExcessMaximum: 0.2, retainedOnlyExcessMaximum: 0.02),
            neighbourClass: NeighbourProbe(gapMaximum: 0.1), outputDivergence: DivergenceProbe())
        let request = try Fixtures.request([2])
        func answers(_ curve: [Int], _ dormant: Int, _ neighbour: Int) -> ProbeAnswers {
            var answers = ProbeAnswers()
            func add(_ probe: ProbeKind, _ setting: Int?, _ step: Int?, _ hits: Int) {
                let key = ProbeKey(
                    probe: probe, request: request.id, setting: setting, stepCount: step)
                answers.hits[key] = (0..<200).map { $0 < hits }
            }
            for (step, hits) in zip([3, 6, nil], curve) {
                add(.relearning, 5, step, hits)
                add(.relearning, 0, step, dormant)
            }
            add(.neighbourClass, nil, nil, neighbour)
            let key = ProbeKey(probe: .outputDivergence, request: nil, setting: nil)
            answers.values.updateValue(nil, forKey: key)
            return answers
        }
        var builder = Fixtures.builder(requests: [request], policy: policy)
        builder.reference = Digest(hashing: [9])
        let counted = ProbeFigures.counted(
            judged: answers(above, dormant, neighbour),
            original: answers([190, 190, 190], 190, 180),
            reference: answers([0, 20, 80], 0, 100), requests: [request], plan: policy.probes)
        let report = try builder.report(
            Fixtures.answers(Fixtures.tenClasses(forgotten: [2])), probes: counted,
            environment: Fixtures.environment)
        return (report, request, policy)
    }

    @Test("A class that comes back fast is found by its curve, where its end tells nothing")
    func curve() throws {
        let (slow, request, policy) = try curveReport([10, 30, 90], dormant: 2)
        #expect(slow.passed, "\(slow.failures)")
        try ReportCheck.require(slow, requests: [request], policy: policy, sequenceNumber: 1)
        let (fast, _, _) = try curveReport([60, 100, 110], dormant: 2)
        #expect(fast.failures.count == 1)
        #expect(fast.failures.first?.hasPrefix("relearning-curve") == true)
    }

    @Test("What comes back without any image of it is found although chance would explain it")
    func dormancy() throws {
        let (report, _, _) = try curveReport([0, 20, 80], dormant: 9)
        #expect(report.failures.count == 3)
        #expect(report.failures.allSatisfy { $0.hasPrefix("dormant") })
    }

    @Test("The neighbour-class attack fails a model that stands out in either direction")
    func neighbour() throws {
        for hits in [130, 70] {
            let (report, _, _) = try curveReport([0, 20, 80], dormant: 0, neighbour: hits)
            #expect(report.failures.first?.hasPrefix("neighbour-class-attack") == true)
            #expect(report.failures.count == 1)
        }
    }

    @Test("A divergence without images says so, and one that is left out is found")
    func divergence() throws {
        let (report, request, policy) = try curveReport([0, 20, 80], dormant: 0)
        let figure = report.probes?.first { $0.probe == .outputDivergence }
        #expect(figure?.outcome == .noData)
        var edited = report
        edited.probes?.removeAll { $0.stepCount == 6 }
        #expect(throws: LetheError.self) {
            try ReportCheck.require(edited, requests: [request], policy: policy, sequenceNumber: 1)
        }
    }

    @Test("Policies whose probes make no sense are refused")
    func sense() {
        let changes: [(inout ProbePolicy) -> Void] = [
            { $0.headRefit?.imagesPerClass = [] }, { $0.headRefit?.imagesPerClass = [5, 5] },
            { $0.headRefit?.excessMaximum = 2 }, { $0.rounding?.bits = [1] },
            { $0.relearning?.stepCount = 0 }, { $0.relearning?.measuredSteps = [1] },
            { $0.relearning?.curveExcessMaximum = 2 }, { $0.membership?.advantageMaximum = -0.1 },
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
