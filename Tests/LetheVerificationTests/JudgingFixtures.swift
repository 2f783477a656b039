import LetheRecords

@testable import LetheReports
@testable import LetheVerification

/// Answers, requests and policies that tests put together.
enum JudgingFixtures {
    static let environment = RunEnvironment(
        lethe: "0.1.0", libTorch: "2.13.0", device: "cpu", threads: 2)

    /// A strict policy that most tests judge by.
    static let policy = Policy(
        name: "test", description: "For tests.", errorBudget: 0.05,
        forgottenMarginAboveChance: 0.05, forgottenSampleMinimum: 100,
        retainedDropMaximum: 0.02, retainedDropUpperBoundMaximum: 0.04,
        worstClassDropMaximum: 0.1, worstClassSampleMinimum: 50)

    static func request(_ classes: [Int], minute: Int = 0) throws -> ForgetRequest {
        try ForgetRequest(
            model: "shoes",
            received: Timestamp(secondsSince1970: 1_790_000_000 + 60 * Int64(minute)),
            classes: classes, dataset: dataset, sampleCount: 10,
            commitment: Digest(hashing: [7]), reference: nil)
    }

    static let dataset = DatasetReference(name: "pictures", digest: Digest(hashing: [1]))

    static func builder(
        requests: [ForgetRequest], policy: Policy = policy, sequenceNumber: Int = 1
    ) -> ReportBuilder {
        ReportBuilder(
            weights: Digest(hashing: [2]), original: Digest(hashing: [3]), dataset: dataset,
            split: "test", requests: requests, policy: policy, sequenceNumber: sequenceNumber)
    }

    /// How one class is answered.
    struct ClassAnswers {
        var samples: Int
        /// Right on the first version.
        var original: Int
        /// Of those right on the first version, wrong now.
        var lost = 0
        /// Of those wrong on the first version, right now.
        var gained = 0
    }

    /// Answers with exactly these counts; a wrong answer is the next class.
    static func answers(_ classes: [ClassAnswers]) throws -> PairedPredictions {
        var (labels, now, original): ([Int], [Int], [Int]) = ([], [], [])
        for (label, answers) in classes.enumerated() {
            let wrong = (label + 1) % classes.count
            for sample in 0..<answers.samples {
                let wasRight = sample < answers.original
                let isRight =
                    wasRight
                    ? sample >= answers.lost : sample < answers.original + answers.gained
                labels.append(label)
                original.append(wasRight ? label : wrong)
                now.append(isRight ? label : wrong)
            }
        }
        return try PairedPredictions(
            labels: labels, predictions: now, originalPredictions: original,
            classCount: classes.count)
    }

    /// Ten classes of 200 samples, 180 of them right at first; `forgotten` are all wrong now.
    static func tenClasses(forgotten: [Int]) -> [ClassAnswers] {
        (0..<10).map {
            ClassAnswers(samples: 200, original: 180, lost: forgotten.contains($0) ? 180 : 0)
        }
    }
}

extension JudgeReport {
    /// The gates that did not hold, as `gate subject`.
    var failures: [String] {
        gates.filter { !$0.held }.map { "\($0.gate) \($0.subject)" }
    }
}
