import LetheRecords
import LetheTensor
import LetheVision

/// Prunes a network when a round begins, and holds its zeros from then on.
final class Pruner {
    private let model: any ImageClassifier
    private let plan: PruningPlan
    private let imageShape: [Int]
    private let firstSteps: [Int]
    /// Whether the mask is that of the newest round.
    private var isRead = false
    /// What is held; a run that goes on reads it off the zeros that its checkpoint has.
    private(set) var mask: ZeroMask?

    /// - Parameters:
    ///   - mask: What is held before anything is pruned; nil for nothing.
    ///   - imageShape: [C, H, W] of the images that the model takes.
    init(
        _ model: any ImageClassifier, _ plan: PruningPlan, holding mask: ZeroMask?,
        imageShape: [Int], stepCount: Int, stepsPerEpoch: Int
    ) {
        self.mask = mask
        self.model = model
        self.plan = plan
        self.imageShape = imageShape
        firstSteps = plan.firstSteps(stepCount: stepCount, stepsPerEpoch: stepsPerEpoch)
    }

    private var parameters: [Tensor] { model.weights.map(\.tensor) }

    /// To be called before a step, counted from 0.
    func prepare(step: Int) throws(LetheError) {
        if let round = firstSteps.firstIndex(of: step) {
            try plan.prune(model, round: round, imageShape: imageShape)
            isRead = false
        }
        guard !isRead, let first = firstSteps.first, step >= first else { return }
        mask = try ZeroMask(parameters)
        isRead = true
    }

    /// To be called when the parameters have moved.
    func hold() throws(LetheError) {
        try mask?.apply(to: parameters)
    }
}
