import Foundation
import LetheRecords
import LetheTensor

/// How a run goes, whatever the method.
struct LoopPlan: Sendable {
    /// The longest run.
    var stepCount: Int
    /// The learning rate of every step.
    var schedule: LearningRateSchedule
    /// Gradients are scaled down to this joint norm; 0 leaves them.
    var gradientNormLimit: Double
    /// Every how many steps the selection samples are measured; always after the last one.
    var checkIntervalSteps: Int
    /// No check before this many steps.
    var minimumStepCount: Int
    /// A run ends after so many checks in a row that meet the goal; nil never ends early.
    var stopsAfterChecks: Int?
    /// Which weights are delivered.
    var selection: WeightSelection
}

/// The one training loop: schedule, update, checks, early stop, checkpoints, progress.
///
/// Steps have no memory but the checkpoint's: what a step draws follows from its number.
struct TrainingLoop {
    let plan: LoopPlan
    let checkpoints: CheckpointStore
    let progress: ProgressHandler
    let cancellation: CancellationFlag

    /// Runs to the end, or to the goal, and leaves the delivered weights in the parameters.
    ///
    /// - Throws: `interrupted` after saving a checkpoint, `numerical`, and what the method throws.
    func run(
        _ method: any TrainingMethod, _ optimizer: any Optimizer
    ) throws(LetheError) -> LoopState {
        var state = LoopState()
        var best: [Tensor] = []
        if let found = try checkpoints.load(method, optimizer) {
            state = found.state
            best = found.best
        }
        report(state, method, [:])
        while state.step < plan.stepCount || state.isCheckPending, !isFinished(state) {
            do {
                try advance(&state, method, optimizer, &best)
            } catch {
                guard error.code == .interrupted else { throw error }
                try checkpoints.save(checkpoint(state, method, optimizer, best))
                throw stopped(state)
            }
            if checkpoints.isDue() {
                try checkpoints.save(checkpoint(state, method, optimizer, best))
            }
        }
        try deliver(best, method, &state)
        return state
    }

    /// One step, or the check that follows it; what is interrupted can be done again.
    private func advance(
        _ state: inout LoopState, _ method: any TrainingMethod, _ optimizer: any Optimizer,
        _ best: inout [Tensor]
    ) throws(LetheError) {
        try cancellation.throwIfSet()
        if state.isCheckPending {
            try check(method, &state, &best)
            state.isCheckPending = false
            return report(state, method, [:])
        }
        let figures = try method.update(
            step: state.step, optimizer, learningRate: plan.schedule.rate(step: state.step),
            gradientNormLimit: plan.gradientNormLimit)
        state.step += 1
        state.keep(method.lastLook)
        state.isCheckPending = isCheckDue(state)
        report(state, method, figures)
    }

    private func isFinished(_ state: LoopState) -> Bool {
        plan.stopsAfterChecks.map { state.goalStreak >= $0 } ?? false
    }

    private func isCheckDue(_ state: LoopState) -> Bool {
        state.step == plan.stepCount
            || state.step >= plan.minimumStepCount
                && state.step.isMultiple(of: plan.checkIntervalSteps)
    }

    private func check(
        _ method: any TrainingMethod, _ state: inout LoopState, _ best: inout [Tensor]
    ) throws(LetheError) {
        let check = try method.check(step: state.step)
        state.figures = check.figures
        state.goalStreak = check.meetsGoal ? state.goalStreak + 1 : 0
        guard plan.selection == .best, check.score > state.bestScore ?? -.infinity else { return }
        state.bestScore = check.score
        state.bestStep = state.step
        state.bestFigures = check.figures
        best = try method.state.copies()
    }

    /// Puts the selected weights into the parameters.
    private func deliver(
        _ best: [Tensor], _ method: any TrainingMethod, _ state: inout LoopState
    ) throws(LetheError) {
        guard plan.selection == .best, !best.isEmpty else { return }
        for (parameter, value) in zip(method.state, best) { try parameter.copy(from: value) }
        state.figures = state.bestFigures
    }

    private func stopped(_ state: LoopState) -> LetheError {
        LetheError(
            code: .interrupted,
            message: "Stopped after \(state.step) of at most \(plan.stepCount) steps; "
                + "they are kept.",
            remedy: "Run the same command again to go on from there.")
    }

    private func checkpoint(
        _ state: LoopState, _ method: any TrainingMethod, _ optimizer: any Optimizer,
        _ best: [Tensor]
    ) -> Checkpoint {
        Checkpoint(
            state: state, parameters: method.state, optimizer: optimizer.stateTensors,
            best: best)
    }

    private func report(
        _ state: LoopState, _ method: any TrainingMethod, _ figures: [String: Double]
    ) {
        progress(
            Progress(
                phase: method.phase, done: state.step, total: plan.stepCount,
                figures: state.figures.merging(figures) { $1 }))
    }
}

extension [Tensor] {
    /// Copies outside any graph.
    func copies() throws(LetheError) -> [Tensor] {
        var result: [Tensor] = []
        for tensor in self { result.append(try tensor.detached().copied()) }
        return result
    }
}
