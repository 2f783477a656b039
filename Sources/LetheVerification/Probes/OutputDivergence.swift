import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// RF-JSD, the score without Retrain of LoTUS (arXiv:2503.18314): how far what a model answers to
/// forgotten images lies from what the line's first version answers to unseen images of the same
/// classes (methods section 7).
///
/// Of each forgotten class the mean output over its training images under the judged model is
/// compared with the mean output over its test images under the first version, by the
/// Jensen–Shannon divergence in bits; the classes are averaged. LoTUS forgets samples of classes
/// that stay; there 0 is the goal. For a class that is forgotten whole a model which never saw it is far
/// from 0, too, so that the number is to be read beside the reference's and no gate judges it.
enum OutputDivergence {
    /// The mean over the forgotten classes, in 0...1 bits; nil where a class has no images.
    static func value(
        _ model: ProbedModel, from original: ProbedModel, samples: ProbeSamples
    ) throws(LetheError) -> Double? {
        var divergences: [Double] = []
        for label in samples.forgotten.sorted() {
            let erased = samples.training(of: label, limit: 0)
            let unseen = samples.test(of: label)
            guard !erased.isEmpty, !unseen.isEmpty else { return nil }
            divergences.append(
                jensenShannonBits(
                    try meanOutput(model, erased), try meanOutput(original, unseen)))
        }
        guard !divergences.isEmpty else { return nil }
        return divergences.reduce(0, +) / Double(divergences.count)
    }

    /// The Jensen–Shannon divergence of two distributions in bits: 0 for equal ones, 1 for
    /// disjoint ones.
    ///
    /// J. Lin, *Divergence measures based on the Shannon entropy*, IEEE Transactions on Information
    /// Theory 37, 1991.
    static func jensenShannonBits(_ left: [Double], _ right: [Double]) -> Double {
        func toMiddle(_ one: Double, _ other: Double) -> Double {
            one > 0 ? one * log2(2 * one / (one + other)) : 0
        }
        let sum = zip(left, right).reduce(0) {
            $0 + toMiddle($1.0, $1.1) + toMiddle($1.1, $1.0)
        }
        return min(1, max(0, sum / 2))
    }

    private static func meanOutput(
        _ model: ProbedModel, _ images: [Sample]
    ) throws(LetheError) -> [Double] {
        try model.logits(images).softmax(dimension: 1).mean(over: [0]).doubles()
    }
}
