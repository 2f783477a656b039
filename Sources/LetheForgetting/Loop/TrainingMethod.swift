import LetheRecords
import LetheTensor

/// What a method has to say to the shared loop: its loss, and how good it is by now.
protocol TrainingMethod: AnyObject {
    /// What is trained, in a fixed order; everything else is frozen.
    var parameters: [Tensor] { get }
    /// Its word for a person, while it runs: "forgetting", "training".
    var phase: String { get }

    /// The loss of a step, counted from 0, with a graph behind it.
    func loss(step: Int) throws(LetheError) -> StepLoss

    /// Measures the weights as they are on the selection samples.
    func check(step: Int) throws(LetheError) -> SelectionCheck
}

/// The loss of one step and the terms worth showing.
struct StepLoss {
    /// What is minimised: one number.
    var total: Tensor
    /// The terms by name.
    var terms: [(name: String, value: Tensor)]
}

/// What the selection samples say about the weights.
struct SelectionCheck: Sendable, Equatable {
    /// Figures by name; accuracies in 0...1.
    var figures: [String: Double]
    /// What the best weights have most of.
    var score: Double
    /// Whether the recipe's goal is met.
    var meetsGoal: Bool
}
