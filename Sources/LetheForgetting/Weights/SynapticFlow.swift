import LetheRecords
import LetheTensor
import LetheVision

/// SynFlow (arXiv:2006.05467, methods.md 1.2): prunes what carries least of the flow.
///
/// A weight's score is |w dR/dw|, where R is the sum of what the network gives for an image of ones
/// while every number in it is its absolute value: the flow through all paths. What carries least
/// goes, in many passes, because each changes the flow of the others.
///
/// Batch normalisation uses its running statistics, made absolute like all else, as in the authors'
/// code. They compute in float64; here it is float32, and a flow beyond that is refused.
enum SynapticFlow {
    /// Prunes the convolutions in place.
    ///
    /// - Parameters:
    ///   - imageShape: [C, H, W] of the images that the model takes.
    ///   - share: How much of them is zero afterwards, in 0..<1.
    ///   - passCount: After pass k of n the share (1 - share)^(k/n) is left.
    /// - Throws: `unsupported` for a network that has no convolutions inside or computes with few
    ///   bits, `numerical` where the flow is no finite number.
    static func prune(
        _ model: any ImageClassifier, imageShape: [Int], share: Double, passCount: Int
    ) throws(LetheError) {
        let prunable = try convolutions(of: model)
        let numbers = model.parameters.filter { $0.role == .weight || $0.role == .statistic }
            .map(\.tensor)
        let before = try numbers.copies()
        for tensor in numbers { try tensor.copy(from: tensor.detached().absolute()) }
        let image = try Tensor(ones: [1] + imageShape, device: model.device)
        for pass in 1...passCount {
            let left = MagnitudePruning.power(1 - share, Double(pass) / Double(passCount))
            let scores = try scores(of: prunable, model, image)
            try MagnitudePruning.drop(share: 1 - left, of: prunable, scores: scores)
        }
        var masks: [Tensor] = []
        for tensor in prunable {
            masks.append(try tensor.detached().greater(than: 0).converted(to: .float32))
        }
        for (tensor, value) in zip(numbers, before) { try tensor.copy(from: value) }
        for (tensor, mask) in zip(prunable, masks) { try tensor.multiplyInPlace(mask) }
    }

    /// |w dR/dw| of every weight, by the model as it is, whose numbers are not negative.
    static func scores(
        of prunable: [Tensor], _ model: any ImageClassifier, _ image: Tensor
    ) throws(LetheError) -> [Tensor] {
        for tensor in prunable { try tensor.requiringGradient() }
        let flow = try model.logits(image).sum()
        guard try flow.isFinite() else {
            throw LetheError(
                code: .numerical, message: "The flow through the network is too large for float32.",
                remedy: "Set pruningScore to \"magnitude\".")
        }
        let gradient = try GradientVector(of: flow, withRespectTo: prunable)
        var scores: [Tensor] = []
        for (tensor, part) in zip(prunable, gradient.parts) {
            scores.append(try (tensor.detached() * part).absolute())
        }
        return scores
    }

    private static func convolutions(
        of model: any ImageClassifier
    ) throws(LetheError) -> [Tensor] {
        let prunable = MagnitudePruning.prunable(
            model.weights.map(\.tensor), classCount: model.classCount)
        guard prunable.contains(where: { $0.rank == 4 }), ModelQuantization(of: model) == nil else {
            throw LetheError(
                code: .unsupported,
                message: "SynFlow prunes networks of convolutions in floating point, which this "
                    + "\(model.architectureName) is not.",
                remedy: "Set pruningScore to \"magnitude\".")
        }
        return prunable
    }
}
