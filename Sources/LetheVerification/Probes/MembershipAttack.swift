import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// Tells the erased training images from test images of the same classes by how sure the model is.
///
/// Three scores of an image: the log-odds of its own label, the largest probability, the entropy.
/// One half of the images chooses score, direction and threshold; the other half is guessed. Each
/// class gives as many members as others, so that guessing is right half of the time, and knowing
/// a class does not help. No reference is needed: a model that never saw any of them cannot tell.
enum MembershipAttack {
    /// Whether each image of the second half is guessed rightly.
    static func hits(
        _ model: ProbedModel, samples: ProbeSamples
    ) throws(LetheError) -> [String: [Bool]?] {
        var hits: [String: [Bool]?] = [:]
        for request in samples.requests {
            let pairs = request.classes.map { pair(of: $0, samples) }
            let members = pairs.flatMap(\.members)
            guard samples.hasTraining(request), members.count >= 4 else {
                hits.updateValue(nil, forKey: request.id)
                continue
            }
            let seen = try scores(model, members)
            let unseen = try scores(model, pairs.flatMap(\.others))
            hits.updateValue(guesses(seen: seen, unseen: unseen), forKey: request.id)
        }
        return hits
    }

    /// As many training as test images of a class.
    private static func pair(
        of label: Int, _ samples: ProbeSamples
    ) -> (members: [Sample], others: [Sample]) {
        let others = samples.test(of: label)
        let members = samples.training(of: label, limit: 0)
        let count = min(members.count, others.count)
        return (Array(members.prefix(count)), Array(others.prefix(count)))
    }

    /// Rows of scores, one for each image.
    private static func scores(
        _ model: ProbedModel, _ samples: [Sample]
    ) throws(LetheError) -> [[Double]] {
        let logarithms = try model.logits(samples).logSoftmax(dimension: 1)
        let labels = try Tensor(samples.map { Int64($0.label) }).moved(to: logarithms.device)
        let own = try logarithms.gathered(
            dimension: 1, indices: labels.unsqueezed(1)
        ).squeezed(1).doubles()
        let entropy = try (logarithms.exponential() * logarithms).sum(over: [1]).doubles()
        let largest = try logarithms.maximum(over: [1]).doubles()
        return own.indices.map { index in
            // Of a probability of one the odds have no end; the largest that a float can tell.
            let rest = max(1 - exp(own[index]), 1e-7)
            return [own[index] - log(rest), largest[index], entropy[index]]
        }
    }

    /// Chooses on the even places, guesses on the odd ones.
    static func guesses(seen: [[Double]], unseen: [[Double]]) -> [Bool] {
        func half(_ rows: [[Double]], _ remainder: Int, _ score: Int) -> [Double] {
            rows.indices.filter { $0 % 2 == remainder }.map { rows[$0][score] }
        }
        let rules = (seen.first ?? []).indices.map { score in
            (score, Rule(members: half(seen, 0, score), others: half(unseen, 0, score)))
        }
        guard let (score, rule) = rules.max(by: { $0.1.advantage < $1.1.advantage }) else {
            return []
        }
        return half(seen, 1, score).map { rule.isMember($0) }
            + half(unseen, 1, score).map { !rule.isMember($0) }
    }

    /// One threshold in the direction that separates better.
    struct Rule {
        /// Hit rate less false alarms on the samples that chose it.
        let advantage: Double
        private let threshold: Double
        private let isAbove: Bool

        /// Looks at every threshold between two neighbouring scores.
        init(members: [Double], others: [Double]) {
            let marked =
                (members.map { ($0, 1.0 / Double(max(members.count, 1))) }
                + others.map { ($0, -1.0 / Double(max(others.count, 1))) })
                .sorted { $0.0 < $1.0 }
            var (below, best, threshold) = (0.0, 0.0, -Double.infinity)
            for (index, (score, share)) in marked.enumerated() {
                below += share
                let isLast = index + 1 == marked.count
                guard isLast || marked[index + 1].0 > score, abs(below) > abs(best) else {
                    continue
                }
                let next = isLast ? score : marked[index + 1].0
                (best, threshold) = (below, (score + next) / 2)
            }
            advantage = abs(best)
            self.threshold = threshold
            isAbove = best < 0
        }

        func isMember(_ score: Double) -> Bool { (score > threshold) == isAbove }
    }
}
