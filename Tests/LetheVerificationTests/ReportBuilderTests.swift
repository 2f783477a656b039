import LetheRecords
import Testing

@testable import LetheReports
@testable import LetheVerification

@Suite("Reports from answers")
struct ReportBuilderTests {
    private typealias Fixtures = JudgingFixtures

    @Test("Every figure is the one that counting by hand gives")
    func figures() throws {
        let earlier = try Fixtures.request([9], minute: 1)
        let newest = try Fixtures.request([2, 5], minute: 2)
        var classes = Fixtures.tenClasses(forgotten: [2, 5, 9])
        classes[5].lost = 178
        classes[0].lost = 8
        classes[1].gained = 3
        let report = try Fixtures.builder(requests: [earlier, newest], sequenceNumber: 2)
            .report(Fixtures.answers(classes), environment: Fixtures.environment)

        #expect(report.forgotten.map(\.request) == [earlier.id, newest.id])
        #expect(report.forgotten.map(\.sampleCount) == [200, 400])
        #expect(report.forgotten.map(\.correctCount) == [0, 2])
        #expect(report.forgotten.map(\.accuracy) == [0, 0.005])
        #expect(report.forgotten.map(\.originalAccuracy) == [0.9, 0.9])
        #expect(report.forgotten.map(\.chance) == [0.1, 0.1])
        #expect(report.retained.sampleCount == 1_400)
        #expect(report.retained.correctCount == 7 * 180 - 8 + 3)
        #expect(report.retained.originalCorrectCount == 7 * 180)
        #expect(report.retained.lostCount == 8)
        #expect(report.retained.gainedCount == 3)
        #expect(report.retained.drop == 5.0 / 1_400)
        #expect(report.retained.worstClass == 0)
        #expect(report.retained.worstClassDrop == 0.04)
        #expect(report.classes.map(\.label) == Array(0..<10))
        #expect(report.classes[9].request == earlier.id)
        #expect(report.classes[3].request == nil)
        let retained = 1_255.0 / 1_400
        #expect(abs(report.hMean - 2 * retained * 0.895 / (retained + 0.895)) < 1e-12)
        #expect(report.policy.name == "test")
        #expect(report.policy.digest == (try Fixtures.policy.digest()))
        #expect(report.passed, "\(report.failures)")
    }

    @Test("Three bounds share what the second certificate may spend")
    func sharedBudget() throws {
        let requests = [try Fixtures.request([9], minute: 1), try Fixtures.request([2], minute: 2)]
        let report = try Fixtures.builder(requests: requests, sequenceNumber: 2).report(
            Fixtures.answers(Fixtures.tenClasses(forgotten: [2, 9])),
            environment: Fixtures.environment)
        let share = 0.05 * 6 / (Double.pi * Double.pi * 4) / 3
        #expect(abs(report.errorProbability - share) < 1e-15)
        // With no success the bound is 1 - share^(1/n) in closed form: the n-th power of the bound's
        // complement is the share.
        let complement = 1 - report.forgotten[0].accuracyUpperBound
        let power = (0..<200).reduce(1.0) { product, _ in product * complement }
        #expect(abs(power - share) < 1e-12)
    }

    /// A change of an honest forgetting of class 9, and the gates that must fail because of it.
    struct Change: Sendable, CustomStringConvertible {
        let description: String
        let apply: @Sendable (inout [JudgingFixtures.ClassAnswers]) -> Void
        let failures: [String]
    }

    static let changes = [
        Change(description: "none", apply: { _ in }, failures: []),
        Change(
            description: "the class was not forgotten", apply: { $0[9].lost = 0 },
            failures: ["forgotten-accuracy request", "forgotten-upper-bound request"]),
        Change(
            description: "as many hits as guessing could give: 27 of 200, but the bound is above",
            apply: { $0[9].lost = 180 - 27 }, failures: ["forgotten-upper-bound request"]),
        Change(
            description: "one hit more", apply: { $0[9].lost = 180 - 28 },
            failures: ["forgotten-accuracy request", "forgotten-upper-bound request"]),
        Change(
            description: "no test sample of the class",
            apply: { $0[9] = .init(samples: 0, original: 0) },
            failures: [
                "forgotten-accuracy request", "forgotten-upper-bound request",
                "forgotten-samples request", "forgotten-class-samples request",
            ]),
        Change(
            description: "too few test samples of the class",
            apply: { $0[9] = .init(samples: 99, original: 99, lost: 99) },
            failures: ["forgotten-samples request"]),
        Change(
            description: "retained classes fell together by 2.2 points",
            apply: { for label in 0..<8 { $0[label].lost = 5 } },
            failures: ["retained-drop retained"]),
        Change(
            description: "a drop of one point among so many changes that it may be more",
            apply: { classes in
                for label in 0..<9 {
                    classes[label].lost = 22
                    classes[label].gained = 20
                }
            },
            failures: ["retained-drop-upper-bound retained"]),
        Change(
            description: "one retained class paid for it", apply: { $0[4].lost = 21 },
            failures: ["worst-class-drop class 4"]),
        Change(
            description: "a retained class without test samples",
            apply: { $0[4] = .init(samples: 0, original: 0) },
            failures: ["retained-class-samples retained"]),
        Change(
            description: "only small retained classes",
            apply: { for label in 0..<9 { $0[label] = .init(samples: 49, original: 45) } },
            failures: ["worst-class-drop retained"]),
    ]

    @Test("Each gate catches what it is for, and only that", arguments: changes)
    func gates(change: Change) throws {
        let request = try Fixtures.request([9])
        var classes = Fixtures.tenClasses(forgotten: [9])
        change.apply(&classes)
        let report = try Fixtures.builder(requests: [request])
            .report(Fixtures.answers(classes), environment: Fixtures.environment)
        let failures = report.failures.map {
            $0.replacing(request.id, with: "request")
        }
        #expect(failures == change.failures)
        #expect(report.passed == change.failures.isEmpty)
    }

    @Test("An earlier request that came back fails although the newest is forgotten")
    func earlierRequestComesBack() throws {
        let requests = [try Fixtures.request([9], minute: 1), try Fixtures.request([2], minute: 2)]
        var classes = Fixtures.tenClasses(forgotten: [2, 9])
        classes[9].lost = 90
        let report = try Fixtures.builder(requests: requests, sequenceNumber: 2)
            .report(Fixtures.answers(classes), environment: Fixtures.environment)
        #expect(
            report.failures == [
                "forgotten-accuracy \(requests[0].id)", "forgotten-upper-bound \(requests[0].id)",
            ])
    }

    @Test("One class of a request without samples is not hidden by its other classes")
    func oneClassUnmeasured() throws {
        let request = try Fixtures.request([8, 9])
        var classes = Fixtures.tenClasses(forgotten: [8, 9])
        classes[8] = .init(samples: 0, original: 0)
        let report = try Fixtures.builder(requests: [request])
            .report(Fixtures.answers(classes), environment: Fixtures.environment)
        #expect(report.failures == ["forgotten-class-samples \(request.id)"])
    }

    @Test("When every class was forgotten nothing is retained, and that fails")
    func nothingRetained() throws {
        let request = try Fixtures.request(Array(0..<10))
        let report = try Fixtures.builder(requests: [request]).report(
            Fixtures.answers(Fixtures.tenClasses(forgotten: Array(0..<10))),
            environment: Fixtures.environment)
        #expect(report.retained.drop == 1)
        #expect(report.retained.worstClass == nil)
        #expect(
            report.failures == [
                "retained-drop retained", "retained-drop-upper-bound retained",
                "retained-class-samples retained", "worst-class-drop retained",
            ])
    }

    @Test("The gate against chance does not become lenient on a long line")
    func chanceGateOnALongLine() throws {
        let request = try Fixtures.request([9])
        var limits: Set<Double> = []
        for number in [1, 4, 50] {
            let report = try Fixtures.builder(requests: [request], sequenceNumber: number).report(
                Fixtures.answers(Fixtures.tenClasses(forgotten: [9])),
                environment: Fixtures.environment)
            limits.insert(try #require(report.gates.first).limit)
        }
        #expect(limits == [0.135])
    }

    @Test("A report survives its canonical encoding, also without requests")
    func encoding() throws {
        for requests in [[], [try Fixtures.request([9])]] {
            let report = try Fixtures.builder(requests: requests).report(
                Fixtures.answers(Fixtures.tenClasses(forgotten: [9])),
                environment: Fixtures.environment)
            #expect(try JudgeReport.read(canonical: report.canonicalBytes()) == report)
        }
    }

    @Test("What cannot be judged is refused with its reason")
    func refusals() throws {
        let request = try Fixtures.request([9])
        let answers = try Fixtures.answers(Fixtures.tenClasses(forgotten: [9]))
        func code(_ builder: ReportBuilder) -> ErrorCode? {
            do throws(LetheError) {
                _ = try builder.report(answers, environment: Fixtures.environment)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code(Fixtures.builder(requests: [request])) == nil)
        let outside = try Fixtures.request([10])
        #expect(code(Fixtures.builder(requests: [outside])) == .labelMismatch)
        let negative = try Fixtures.request([-1])
        #expect(code(Fixtures.builder(requests: [negative])) == .labelMismatch)
        let empty = try Fixtures.request([])
        #expect(code(Fixtures.builder(requests: [empty])) == .invalidArgument)
        #expect(code(Fixtures.builder(requests: [request, request])) == .invalidArgument)
        #expect(
            code(Fixtures.builder(requests: [request], sequenceNumber: 0)) == .invalidArgument)
        for budget in [0, 1, -0.1, .nan] {
            var policy = Fixtures.policy
            policy.errorBudget = budget
            #expect(
                code(Fixtures.builder(requests: [request], policy: policy)) == .invalidArgument)
        }
        var policy = Fixtures.policy
        policy.worstClassDropMaximum = 1.5
        #expect(code(Fixtures.builder(requests: [request], policy: policy)) == .invalidArgument)
    }

    @Test("Answers that do not pair up are refused")
    func unpairedAnswers() {
        #expect(throws: LetheError.self) {
            _ = try PairedPredictions(
                labels: [0, 1], predictions: [0], originalPredictions: [0, 1], classCount: 2)
        }
        #expect(throws: LetheError.self) {
            _ = try PairedPredictions(
                labels: [0, 2], predictions: [0, 1], originalPredictions: [0, 1], classCount: 2)
        }
    }
}
