import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheReports
@testable import LetheVerification

@Suite("The judge of requests by samples")
struct SampleExcessTests {
    private typealias Fixtures = JudgingFixtures

    private static let policy: Policy = {
        var policy = Fixtures.policy
        policy.sampleExcessMaximum = 0.03
        policy.sampleExcessUpperBoundMaximum = 0.1
        return policy
    }()

    private func request(_ count: Int) throws -> ForgetRequest {
        let list = try SampleList(
            commitmentKey: "k",
            commitments: (0..<count).map { Digest(hashing: Array("\($0)".utf8)) })
        return try ForgetRequest(
            model: "shoes", received: Timestamp(secondsSince1970: 1_790_000_000), classes: [],
            dataset: Fixtures.dataset, sampleCount: count, commitment: list.root, reference: nil,
            samples: list.selection())
    }

    /// Four hundred samples of two classes; both are recognised in 180 of 200 test samples.
    private func report(
        correct: Int, policy: Policy = policy, found: Int = 400
    ) throws -> (JudgeReport, ForgetRequest) {
        let request = try request(400)
        let samples = [
            SampleClassCount(
                label: 2, sampleCount: found / 2, correctCount: correct / 2,
                originalCorrectCount: found / 2),
            SampleClassCount(
                label: 5, sampleCount: found - found / 2, correctCount: correct - correct / 2,
                originalCorrectCount: found - found / 2),
        ]
        let paired = try Fixtures.answers(Fixtures.tenClasses(forgotten: []))
        let report = try Fixtures.builder(requests: [request], policy: policy)
            .report(paired, samples: [request.id: samples], environment: Fixtures.environment)
        return (report, request)
    }

    @Test("Samples that are recognised as often as unseen ones pass, and more often they fail")
    func gates() throws {
        let (good, request) = try report(correct: 360)
        let figure = try #require(good.forgotten.first?.samples)
        #expect(abs(figure.testAccuracy - 0.9) < 1e-12 && abs(figure.excess) < 1e-12)
        #expect(abs(figure.originalExcess - 0.1) < 1e-12)
        #expect(figure.excessUpperBound > 0 && figure.testAccuracyLowerBound < 0.9)
        #expect(good.failures == ["sample-excess-upper-bound \(request.id)"])
        var wide = Self.policy
        wide.sampleExcessUpperBoundMaximum = 0.15
        #expect(try report(correct: 360, policy: wide).0.passed)
        #expect(
            try report(correct: 400, policy: wide).0.failures.contains(
                "sample-excess \(request.id)"))
        #expect(try report(correct: 300, policy: wide).0.passed)
        #expect(
            try report(correct: 100, policy: wide).0.failures == [
                "sample-deficit \(request.id)"
            ])
    }

    @Test("Samples that were not found fail their gate")
    func missing() throws {
        var wide = Self.policy
        wide.sampleExcessUpperBoundMaximum = 0.5
        let (short, request) = try report(correct: 300, policy: wide, found: 399)
        #expect(short.failures == ["forgotten-training-samples \(request.id)"])
        let (none, _) = try {
            let request = try self.request(4)
            let paired = try Fixtures.answers(Fixtures.tenClasses(forgotten: []))
            return (
                try Fixtures.builder(requests: [request], policy: wide)
                    .report(paired, environment: Fixtures.environment), request
            )
        }()
        #expect(none.forgotten[0].accuracy == 1 && !none.passed)
    }

    @Test("A policy without a bar for samples judges no such request")
    func noBar() throws {
        let error = #expect(throws: LetheError.self) {
            try report(correct: 360, policy: Fixtures.policy)
        }
        #expect(error?.message.contains("sampleExcessMaximum") == true)
    }

    @Test("A report is computed again from its counts; a figure or count that was changed is found")
    func checked() throws {
        let (good, request) = try report(correct: 360)
        try ReportCheck.require(
            good, requests: [request], policy: Self.policy, sequenceNumber: 1)
        let changes: [(inout JudgeReport) -> Void] = [
            { $0.forgotten[0].samples?.excessUpperBound = 0.01 },
            { $0.forgotten[0].samples?.testAccuracyLowerBound = 0.9 },
            { $0.forgotten[0].samples?.classes[0].correctCount -= 10 },
            { $0.forgotten[0].samples?.classes[0].label = 99 },
            { $0.forgotten[0].samples?.classes[0].sampleCount = -1 },
            { $0.forgotten[0].samples?.classes.reverse() },
            { $0.forgotten[0].samples = nil },
        ]
        for change in changes {
            var report = good
            change(&report)
            #expect(throws: LetheError.self) {
                try ReportCheck.require(
                    report, requests: [request], policy: Self.policy, sequenceNumber: 1)
            }
        }
    }

    @Test("The weighted bound covers the truth at least as often as it promises")
    func coverage() {
        var source = SplitMix64(seed: 20)
        let probabilities = [(0.7, 0.95, 40), (0.2, 0.5, 25), (0.1, 0.8, 10)]
        let truth = probabilities.reduce(0) { $0 + $1.0 * $1.1 }
        let trials = 2_000
        var missed = 0
        for _ in 0..<trials {
            let strata = probabilities.map { weight, probability, count in
                let hits = (0..<count).count { _ in
                    Double(source.next() >> 11) / Double(1 << 53) < probability
                }
                return Stratum(weight: weight, successes: hits, trials: count)
            }
            let bound = BinomialStatistics.weightedLowerBound(of: strata, errorProbability: 0.05)
            missed += bound > truth ? 1 : 0
        }
        #expect(Double(missed) / Double(trials) <= 0.05, "seed 20, \(missed) of \(trials)")
    }

    @Test("One class has Clopper–Pearson's bound, a class without trials none")
    func bounds() {
        let one = [Stratum(weight: 1, successes: 9, trials: 10)]
        #expect(
            BinomialStatistics.weightedLowerBound(of: one, errorProbability: 0.05)
                == BinomialStatistics.lowerBound(
                    successes: 9, trials: 10, errorProbability: 0.05))
        let empty = one + [Stratum(weight: 0.5, successes: 0, trials: 0)]
        #expect(BinomialStatistics.weightedLowerBound(of: empty, errorProbability: 0.05) == 0)
    }
}

@Suite("What a number of test samples allows")
struct GateOutlookTests {
    private typealias Fixtures = JudgingFixtures

    private func outlook(
        _ gate: String, testCounts: [Int], sequenceNumber: Int = 1
    ) throws -> GateOutlook {
        let input = OutlookInput(
            requests: [try Fixtures.request([0])], testCounts: testCounts,
            policy: Fixtures.policy, sequenceNumber: sequenceNumber)
        return try #require(GateOutlook.outlooks(input).first { $0.gate == gate })
    }

    @Test("The number needed is the fewest with which the bound is under its limit")
    func fewest() throws {
        let counts = [120] + Array(repeating: 500, count: 9)
        let outlook = try outlook("forgotten-upper-bound", testCounts: counts)
        let needs = try #require(outlook.needs)
        let error = BinomialStatistics.errorProbability(
            budget: 0.05, sequenceNumber: 1, boundCount: 2)
        func bound(_ count: Int) -> Double {
            BinomialStatistics.upperBound(successes: 0, trials: count, errorProbability: error)
        }
        #expect(bound(needs) <= 0.15 && bound(needs - 1) > 0.15)
        #expect(outlook.has == 120 && outlook.canHold)
        let later = try self.outlook(
            "forgotten-upper-bound", testCounts: counts, sequenceNumber: 9)
        #expect(later.needs ?? 0 > needs)
    }

    @Test("Too few test samples cannot hold, and a gate that passes could")
    func agreesWithTheGates() throws {
        let small = [20] + Array(repeating: 20, count: 9)
        #expect(try !outlook("forgotten-upper-bound", testCounts: small).canHold)
        #expect(try !outlook("forgotten-samples", testCounts: small).canHold)
        let none = [0] + Array(repeating: 500, count: 9)
        #expect(try !outlook("forgotten-class-samples", testCounts: none).canHold)
        let request = try Fixtures.request([3])
        let paired = try Fixtures.answers(Fixtures.tenClasses(forgotten: [3]))
        let report = try Fixtures.builder(requests: [request])
            .report(paired, environment: Fixtures.environment)
        let outlooks = GateOutlook.outlooks(
            OutlookInput(
                requests: [request], testCounts: report.classes.map(\.sampleCount),
                policy: Fixtures.policy, sequenceNumber: 1))
        for outlook in outlooks {
            let gate = report.gates.first { $0.gate == outlook.gate }
            #expect(gate?.held == true && outlook.canHold, "\(outlook)")
        }
    }

    @Test("A few samples to forget cannot be told from luck")
    func samples() throws {
        var policy = Fixtures.policy
        policy.sampleExcessMaximum = 0.02
        policy.sampleExcessUpperBoundMaximum = 0.05
        let list = try SampleList(commitmentKey: "k", commitments: [Digest(hashing: [1])])
        var request = try Fixtures.request([0])
        request.classes = []
        request.samples = try list.selection()
        request.sampleCount = 50
        let outlook = try #require(
            GateOutlook.outlooks(
                OutlookInput(
                    requests: [request], testCounts: Array(repeating: 1000, count: 10),
                    named: [request.id: [1: 20, 4: 30]], policy: policy, sequenceNumber: 1)
            ).first)
        #expect(outlook.gate == "sample-excess-upper-bound" && outlook.has == 50)
        #expect(!outlook.canHold && outlook.needs ?? 0 > 200)
    }
}
