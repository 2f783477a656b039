import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// Measures a forgetting model on the validation samples and says whether the goal is met.
///
/// This steers the run; what counts in the end is the verifier's judgement.
struct ForgetMeter {
    let model: any ImageClassifier
    let forget: PreparedImages
    let retain: PreparedImages
    let roles: ClassRoles
    let goal: GSLoRAParameters.Goal
    let cancellation: CancellationFlag
    /// What the parent reached on the same samples.
    let before: Before

    /// The parent's accuracies.
    struct Before {
        let forgetAccuracy: Double
        let retainAccuracy: Double
    }

    /// Measures the model as it is.
    func callAsFunction() throws(LetheError) -> SelectionCheck {
        let forgetLogits = try logits(forget)
        let retainLogits = try logits(retain)
        let forgetAccuracy = try Self.accuracy(forgetLogits, forget.labels)
        let retainAccuracy = try Self.accuracy(retainLogits, retain.labels)
        let hits = Int((forgetAccuracy * Double(forget.count)).rounded())
        let gap = try gaps(forgetLogits)[min(allowedHits, forget.count - 1)]
        let drop = before.retainAccuracy - retainAccuracy
        return SelectionCheck(
            figures: [
                "forgetAccuracy": forgetAccuracy, "retainAccuracy": retainAccuracy,
                "forgetAccuracyBefore": before.forgetAccuracy,
                "retainAccuracyBefore": before.retainAccuracy, "forgetGap": gap,
            ],
            score: Self.hMean(retainAccuracy, before.forgetAccuracy - forgetAccuracy),
            meetsGoal: hits <= allowedHits && gap <= -goal.forgetMargin
                && drop <= goal.retainDrop + 1e-12)
    }

    /// How many forget samples may still be named rightly: what guessing among all classes would
    /// often reach, because a few samples can be right by chance.
    private var allowedHits: Int {
        let classCount = roles.forgotten.count + roles.earlier.count + roles.retained.count
        return max(
            Int(goal.forgetAccuracy * Double(forget.count)),
            Self.binomialQuantile(
                goal.chanceQuantile, count: forget.count, probability: 1 / Double(classCount)))
    }

    /// The smallest k with P(X <= k) >= quantile for a binomial X.
    static func binomialQuantile(_ quantile: Double, count: Int, probability: Double) -> Int {
        var term = pow(1 - probability, Double(count))
        var sum = term
        var k = 0
        while sum < quantile, k < count {
            term *= Double(count - k) / Double(k + 1) * probability / (1 - probability)
            sum += term
            k += 1
        }
        return k
    }

    private func logits(_ pool: PreparedImages) throws(LetheError) -> Tensor {
        try pool.map(batchSize: goal.evaluationBatchSize, cancellation: cancellation) {
            images throws(LetheError) in try model.logits(images).moved(to: .cpu)
        }
    }

    /// How near each forget sample comes to its own class, nearest first: its logit minus
    /// logsumexp of the retained ones.
    private func gaps(_ logits: Tensor) throws(LetheError) -> [Double] {
        let retained = try Tensor(roles.retained.map(Int64.init))
        let own = try Tensor(forget.labels.map(Int64.init), shape: [forget.count, 1])
        let rest = try logits.slices(dimension: 1, at: retained)
            .logSumExp(over: [1], keepingDimensions: true)
        return try (logits.gathered(dimension: 1, indices: own) - rest).doubles().sorted(by: >)
    }

    /// The share of samples whose largest logit is that of their label, in 0...1.
    static func accuracy(_ logits: Tensor, _ labels: [Int]) throws(LetheError) -> Double {
        let predicted = try logits.argumentMaximum(dimension: 1).integers()
        let correct = zip(predicted, labels).count { $0 == Int64($1) }
        return Double(correct) / Double(max(1, labels.count))
    }

    /// H-Mean of what is kept and what was dropped (methods.md section 7): 2ab / (a + b).
    static func hMean(_ retained: Double, _ dropped: Double) -> Double {
        retained + dropped > 0 ? 2 * retained * max(0, dropped) / (retained + dropped) : 0
    }
}
