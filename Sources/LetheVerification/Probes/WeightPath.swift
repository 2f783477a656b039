import LetheRecords
import LetheTensor
import LetheVision

/// How far the weights moved from those of the line's first version, and whether the loss rises
/// in between: both predict how fast the forgotten comes back (arXiv:2505.22310).
enum WeightPath {
    /// Images of each retained class whose loss is taken.
    private static let lossImagesPerClass = 5

    /// The L2 distance of all weights, relative to the norm of the first version's.
    ///
    /// - Throws: `labelMismatch` if the two do not have the same tensors.
    static func distance(
        _ model: ProbedModel, from original: ProbedModel
    ) throws(LetheError) -> Double {
        var (difference, norm) = (0.0, 0.0)
        for (now, then) in try pairs(model, original) where now.role == .weight {
            difference += Double(try (now.tensor - then.tensor).square().sum().scalar())
            norm += Double(try then.tensor.square().sum().scalar())
        }
        return (difference / max(norm, 1e-30)).squareRoot()
    }

    /// The largest excess of the loss on retained training images over the straight line between
    /// the losses at both ends; nil without such images.
    static func barrier(
        _ model: ProbedModel, from original: ProbedModel, samples: ProbeSamples, pointCount: Int
    ) throws(LetheError) -> Double? {
        let forgotten = samples.forgotten
        let images = (0..<samples.classCount).filter { !forgotten.contains($0) }.flatMap {
            samples.training(of: $0, limit: lossImagesPerClass)
        }
        guard !images.isEmpty, pointCount > 0 else { return nil }
        let ends = (try loss(original, images), try loss(model, images))
        var highest = 0.0
        for point in 1...pointCount {
            let share = Double(point) / Double(pointCount + 1)
            let between = try original.fresh()
            for (index, (now, then)) in try pairs(model, original).enumerated()
            where now.role != .counter {
                between.model.parameters[index].tensor =
                    try then.tensor * (1 - share) + now.tensor * share
            }
            let line = ends.0 * (1 - share) + ends.1 * share
            highest = max(highest, try loss(between, images) - line)
        }
        return highest
    }

    private static func loss(
        _ model: ProbedModel, _ samples: [Sample]
    ) throws(LetheError) -> Double {
        let logits = try model.logits(samples)
        let labels = try Tensor(samples.map { Int64($0.label) }).moved(to: logits.device)
        return Double(try logits.crossEntropy(labels: labels).scalar())
    }

    private static func pairs(
        _ model: ProbedModel, _ original: ProbedModel
    ) throws(LetheError) -> [(NamedTensor, NamedTensor)] {
        let (now, then) = (model.model.parameters, original.model.parameters)
        let isSame =
            now.count == then.count
            && zip(now, then).allSatisfy {
                $0.name == $1.name && $0.tensor.shape == $1.tensor.shape
            }
        guard isSame else {
            throw LetheError(
                code: .labelMismatch,
                message: "The weights do not have the tensors of the line's first version.",
                remedy: "Leave weightDistance out of the policy.")
        }
        return Array(zip(now, then))
    }
}
