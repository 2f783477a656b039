import LetheCertificates
import LetheRecords
import Testing

@Suite("A certificate of a request by samples bears itself out")
struct SampleConsistencyTests {
    private static let id = "r-000000000001"

    /// Three of four samples are recognised, and seven of ten test samples of either class.
    private static func verdict(
        _ change: (inout JudgeReport) -> Void = { _ in }
    ) -> ForgetVerdict {
        Samples.verdict { verdict in
            verdict.report.classes = (0..<2).map {
                ClassFigure(
                    label: $0, sampleCount: 10, correctCount: 7, originalCorrectCount: 9,
                    request: nil)
            }
            verdict.report.forgotten = [
                ForgottenFigure(
                    request: id, classes: [], sampleCount: 4, correctCount: 3, accuracy: 0.75,
                    accuracyUpperBound: 0.99, originalAccuracy: 1, chance: 0.5,
                    samples: SampleFigure(
                        classes: [
                            SampleClassCount(
                                label: 0, sampleCount: 3, correctCount: 2,
                                originalCorrectCount: 3),
                            SampleClassCount(
                                label: 1, sampleCount: 1, correctCount: 1,
                                originalCorrectCount: 1),
                        ],
                        testAccuracy: 0.7, testAccuracyLowerBound: 0.5, excess: 0.05,
                        excessUpperBound: 0.49, originalExcess: 0.1))
            ]
            verdict.report.gates = [
                GateResult(gate: "sample-excess", subject: id, value: 0.05, atMost: 0.1),
                GateResult(
                    gate: "sample-excess-upper-bound", subject: id, value: 0.49, atMost: 0.5),
            ]
            change(&verdict.report)
        }
    }

    private static let contradictions: [@Sendable (inout JudgeReport) -> Void] = [
        { $0.forgotten[0].samples?.excess = 0.01 },
        { $0.forgotten[0].samples?.testAccuracy = 0.9 },
        { $0.forgotten[0].samples?.excessUpperBound = 0.01 },
        { $0.forgotten[0].samples?.classes[0].correctCount = 1 },
        { $0.forgotten[0].samples?.classes[0].correctCount = -1 },
        { $0.forgotten[0].samples?.classes[0].label = 2 },
        { $0.forgotten[0].samples?.classes = [] },
        { $0.forgotten[0].accuracy = 0.5 },
        { $0.forgotten[0].sampleCount = 0 },
        { $0.classes[0].correctCount = 1 },
        { $0.gates[0].value = 0.01 },
        { $0.gates.removeFirst() },
        { $0.gates[1].subject = "r-000000000002" },
    ]

    @Test("Figures that follow from their counts are signed, others are refused")
    func contradiction() throws {
        let parties = try Parties()
        _ = try Certificate.issue(Self.verdict(), on: Samples.files, with: parties.verifier)
        for change in Self.contradictions {
            #expect(throws: LetheError.self) {
                try Certificate.issue(
                    Self.verdict(change), on: Samples.files, with: parties.verifier)
            }
        }
    }
}
