import LetheRecords
import LetheTensor

/// Everything a run needs to go on as if nothing had happened.
struct Checkpoint {
    /// Where the run stands.
    var state: LoopState
    /// What the method changes, in its order: trained tensors, then statistics.
    var parameters: [Tensor]
    /// The optimiser's state under its own names.
    var optimizer: [(name: String, tensor: Tensor)]
    /// The same of the best check, if the run delivers those.
    var best: [Tensor]
}

/// The numbers of a run that change from step to step.
struct LoopState: Codable, Sendable, Equatable {
    /// Steps done.
    var step = 0
    /// Whether the weights of this step still have to be measured.
    var isCheckPending = false
    /// Checks in a row that met the goal.
    var goalStreak = 0
    /// The figures of the last check.
    var figures: [String: Double] = [:]
    /// The score and step of the best check.
    var bestScore: Double?
    /// The step of the best check.
    var bestStep: Int?
    /// The figures of the best check.
    var bestFigures: [String: Double] = [:]
    /// How the gradients pulled so far; nil if nobody looked.
    var gradients: GradientTrail?

    /// Keeps a method's look at this step, if it took one.
    mutating func keep(_ look: GradientLook?) {
        guard let look, look.step == step else { return }
        var trail = gradients ?? GradientTrail()
        trail.add(look)
        gradients = trail
    }
}
