import LetheRecords
import LetheTensor

/// A method that changes weights as they are, step by step.
protocol WeightMethod: TrainingMethod {
    /// What it works with.
    var problem: ForgetProblem { get }
    /// The passes of its run.
    var schedule: PassSchedule { get }
    /// Whether a step draws forget samples beside the retained ones of its pass.
    var drawsBothPools: Bool { get }
}

extension WeightMethod {
    var parameters: [Tensor] { problem.parameters }
    var statistics: [Tensor] { problem.statistics }
    var phase: String { "forgetting" }
    var drawsBothPools: Bool { false }

    func didMove(step: Int, learningRate: Double) throws(LetheError) { try problem.hold() }

    func samples(step: Int) -> String? {
        let place = schedule.place(step)
        let names = problem.names(place.pool, step: place.step)
        return drawsBothPools ? names + "; " + problem.names(.forget, step: step) : names
    }

    func check(step: Int) throws(LetheError) -> SelectionCheck {
        try problem.check()
    }
}

/// The values of a method that changes weights as they are; one type for each method's name.
protocol WeightMethodParameters: Sendable {
    /// The method's name in recipes.
    static var method: String { get }
    /// Whether it can forget single samples of classes that stay.
    static var forgetsSamples: Bool { get }

    /// Reads the method's own values.
    init(_ reader: inout ParameterReader) throws(LetheError)

    /// Puts the method together.
    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure
}

extension WeightMethodParameters {
    static var forgetsSamples: Bool { true }
}

/// How a method goes about it.
enum WeightProcedure {
    /// Step by step, in the shared loop.
    case steps(any WeightMethod, StepPlan)
    /// All at once; gives figures worth keeping.
    case once(() throws(LetheError) -> [String: Double])
}

extension WeightProcedure {
    /// Runs the method to its end and leaves the weights in the model.
    ///
    /// - Returns: Steps taken, the figures of the last check, or those of a method that acts at
    ///   once, and how the gradients pulled.
    func run(
        _ setting: RunSetting, _ checkpoints: CheckpointStore
    ) throws(LetheError) -> (
        stepCount: Int, figures: [String: Double], gradients: [GradientLook]
    ) {
        switch self {
        case .once(let body):
            setting.progress(Progress(phase: "forgetting", done: 0, total: 1))
            return (1, try body(), [])
        case .steps(let method, let plan):
            let loop = TrainingLoop(
                plan: plan.loop(stepCount: method.schedule.stepCount), checkpoints: checkpoints,
                progress: setting.progress, cancellation: setting.cancellation)
            let state = try loop.run(method, plan.optimizer(method.parameters))
            checkpoints.remove()
            return (state.step, state.figures, state.gradients?.looks ?? [])
        }
    }
}

/// The methods that change weights as they are, by the name that recipes give.
enum WeightMethods {
    private static let known: [any WeightMethodParameters.Type] = [
        FineTuneParameters.self, GradientAscentParameters.self, RandomLabelParameters.self,
        NegativeGradientParameters.self, L1SparseParameters.self, FisherForgettingParameters.self,
        InfluenceParameters.self, SCRUBParameters.self, SalUnParameters.self, SSDParameters.self,
        LURParameters.self, PruneParameters.self, QMULParameters.self, RetrainParameters.self,
    ]

    /// Their names, sorted.
    static var names: [String] { known.map { $0.method }.sorted() }

    /// The names of those that can forget single samples, sorted.
    static var namesForSamples: [String] {
        known.filter { $0.forgetsSamples }.map { $0.method }.sorted()
    }

    /// Refuses a method that cannot do what a run's requests name.
    ///
    /// - Throws: `unsupported` naming the methods that can.
    static func requireFit(_ method: String, to task: ForgetTask) throws(LetheError) {
        guard task.requests.contains(where: { $0.samples != nil }),
            !namesForSamples.contains(method)
        else { return }
        throw LetheError(
            code: .unsupported,
            message: "\"\(method)\" forgets whole classes; it cannot forget single samples.",
            remedy: "Take a recipe of one of " + namesForSamples.joined(separator: ", ") + ".")
    }

    /// The values of a method; nil for a name that is none of these.
    static func parameters(
        _ method: String, _ reader: inout ParameterReader
    ) throws(LetheError) -> (any WeightMethodParameters)? {
        guard let type = known.first(where: { $0.method == method }) else { return nil }
        return try type.init(&reader)
    }
}
