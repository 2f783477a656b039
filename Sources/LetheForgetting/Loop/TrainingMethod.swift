import LetheRecords
import LetheTensor

/// What a method has to say to the shared loop: where its weights go, and how good it is by now.
protocol TrainingMethod: AnyObject {
    /// What is trained, in a fixed order; everything else is frozen.
    var parameters: [Tensor] { get }
    /// What steps change besides: the statistics of batch normalisation.
    var statistics: [Tensor] { get }
    /// Its word for a person, while it runs: "forgetting", "training".
    var phase: String { get }

    /// Leaves the gradients of a step, counted from 0, on the parameters, which have none.
    ///
    /// - Returns: The loss and its terms by name.
    func gradients(step: Int) throws(LetheError) -> [String: Double]

    /// Called when the parameters have moved: what holds a mask, a proximal step.
    func didMove(step: Int, learningRate: Double) throws(LetheError)

    /// Measures the weights as they are on the selection samples.
    func check(step: Int) throws(LetheError) -> SelectionCheck

    /// Which samples a step draws, for a person who looks for the cause of numerical trouble; nil
    /// where the method cannot say.
    func samples(step: Int) -> String?

    /// How the gradients of forgetting and of retaining pulled when the method looked last; nil
    /// where it does not look.
    var lastLook: GradientLook? { get }
}

extension TrainingMethod {
    /// Most methods have none.
    var statistics: [Tensor] { [] }
    /// A method need not say.
    func samples(step: Int) -> String? { nil }
    /// Most methods do not look.
    var lastLook: GradientLook? { nil }

    /// Everything that a checkpoint has to keep of the model.
    var state: [Tensor] { parameters + statistics }

    /// Most methods leave the optimiser's result as it is.
    func didMove(step: Int, learningRate: Double) throws(LetheError) {}
}

/// A method whose gradients are those of one loss.
protocol LossMethod: TrainingMethod {
    /// The loss of a step, counted from 0, with a graph behind it.
    func loss(step: Int) throws(LetheError) -> StepLoss
}

extension LossMethod {
    func gradients(step: Int) throws(LetheError) -> [String: Double] {
        let loss = try loss(step: step)
        var figures = ["loss": Double(try loss.total.scalar())]
        for (name, value) in loss.terms { figures[name] = Double(try value.scalar()) }
        try loss.total.backward()
        return figures
    }
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
