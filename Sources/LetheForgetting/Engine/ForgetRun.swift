import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import Logging

/// One forget request from the parent's folder to the delta's file.
struct ForgetRun {
    let task: ForgetTask
    let progress: ProgressHandler
    let cancellation: CancellationFlag
    let logger: Logger

    /// Runs on the calling thread.
    func run() throws(LetheError) -> RunOutcome {
        try WeightMethods.requireFit(GSLoRAParameters.method, to: task)
        let setting = try RunSetting(
            task.place, progress: progress, cancellation: cancellation, logger: logger)
        var model = try ClassifierLoading.load(folder: task.modelFolder, device: setting.device)
        try requireFloatingPoint(model)
        try requireWhole(model)
        let parameters = try GSLoRAParameters(
            task.recipe, classCount: model.classCount)
        let roles = try ClassRoles(of: task, headCount: model.classCount)
        var pools = try ForgetPools(
            task, roles: roles, sizes: parameters.pools, setting: setting)
        let firstBlock = parameters.firstAdaptedBlock(of: model)
        if firstBlock > 0 {
            let upper = try UpperBlocks(of: model, from: firstBlock)
            try pools.replaceImages(
                with: upper, batchSize: parameters.goal.evaluationBatchSize, setting: setting)
            model = upper
        }
        let seed = RunSeed(seed: task.seed, task: task.earlierRequests.count)
        let teacher = try ParentFigures(
            model, pools: pools, parameters: parameters, setting: setting)
        let isFirst = task.earlierRequests.isEmpty
        let adapters = try LowRankAdapters(
            model, rank: parameters.rank,
            slopeSquared: isFirst
                ? parameters.firstTaskSlopeSquared : parameters.laterTaskSlopeSquared,
            place: parameters.adapterPlace, seed: seed)
        let editedCount = try edit(adapters, model, parameters, roles, pools)
        let method = try method(model, adapters, parameters, roles, pools, teacher, seed)
        let checkpoints = try setting.checkpoints(
            in: task.checkpointFolder, identity: identity(parameters))
        let loop = TrainingLoop(
            plan: plan(parameters), checkpoints: checkpoints, progress: progress,
            cancellation: cancellation)
        let state = try loop.run(
            method, adapters.optimizer(parameters.optimization))
        try adapters.write(to: task.deltaFile)
        checkpoints.remove()
        var figures = state.figures
        try figures.merge(
            adapters.sparsityFigures(
                parameters.losses.groupLasso, firstBlock: firstBlock)
        ) { $1 }
        if let editedCount { figures["editedClasses"] = Double(editedCount) }
        figures["retainedClassesWithoutData"] = Double(
            Set(roles.retained).subtracting(pools.retain.labels).count)
        var outcome = RunOutcome(
            product: .delta, parameters: parameters.resolved, stepCount: state.step,
            goalReached: state.goalStreak >= parameters.goal.checksInARow,
            selection: pools.sentence, selectionFigures: figures,
            environment: setting.environment)
        outcome.gradients = state.gradients?.looks ?? []
        return outcome
    }

    /// A delta is added to numbers; what is stored are integers, and their sum would leave the grid.
    private func requireFloatingPoint(_ model: any ImageClassifier) throws(LetheError) {
        guard let quantization = ModelQuantization(of: model) else { return }
        throw LetheError(
            code: .unsupported,
            message: "The model is stored as integers of \(quantization.weightBits) bits, to "
                + "which no delta can be added.",
            remedy: "Choose a recipe whose method changes the weights, such as q-mul.")
    }

    /// A delta is added everywhere, also where a mask holds zeros.
    private func requireWhole(_ model: any ImageClassifier) throws(LetheError) {
        guard try ZeroMask.inFolder(task.modelFolder, of: model.weights) != nil else { return }
        throw LetheError(
            code: .unsupported,
            message: "The model is pruned, and a low-rank delta would fill its zeros.",
            remedy: "Choose a recipe whose method changes the weights, such as l1-sparse.")
    }

    private func method(
        _ model: any ImageClassifier, _ adapters: LowRankAdapters, _ parameters: GSLoRAParameters,
        _ roles: ClassRoles, _ pools: ForgetPools, _ parent: ParentFigures, _ seed: RunSeed
    ) throws(LetheError) -> GSLoRA {
        let batches = ForgetBatches(
            model, adapters: adapters, forget: pools.forget, retain: pools.retain,
            plan: parameters.batches, seed: seed, teacher: parent.logits)
        let meter = ForgetMeter(
            model: model, forget: pools.forgetValidation, retain: pools.retainValidation,
            roles: roles, goal: parameters.goal, cancellation: cancellation,
            before: parent.before)
        let monitor =
            parameters.monitorsGradients
            ? GradientMonitor(
                parameters: adapters.parameters,
                intervalSteps: parameters.goal.checkIntervalSteps) : nil
        return try GSLoRA(
            model, adapters: adapters, losses: parameters.losses, roles: roles, monitor: monitor,
            features: featureTerms(model, parameters, roles, pools),
            proximal: proximal(adapters, parameters),
            batch: batches.batch(step:), meter: { _ throws(LetheError) in try meter() },
            names: batches.names(step:))
    }

    private func plan(_ parameters: GSLoRAParameters) -> LoopPlan {
        LoopPlan(
            stepCount: parameters.optimization.stepCount,
            schedule: parameters.optimization.schedule,
            gradientNormLimit: parameters.optimization.gradientNormLimit,
            checkIntervalSteps: parameters.goal.checkIntervalSteps,
            minimumStepCount: parameters.goal.minimumStepCount,
            stopsAfterChecks: parameters.goal.checksInARow, selection: parameters.goal.selection)
    }

    /// What makes another run the same run, so that its checkpoint may be continued.
    private func identity(_ parameters: GSLoRAParameters) throws(LetheError) -> [String: JSONValue]
    {
        let weights = try FileDigest.of(task.modelFolder.appending(path: "model.safetensors"))
        let earlier = task.earlierRequests.map { JSONValue.string($0.id) }
        return [
            "method": .string(GSLoRAParameters.method), "parameters": parameters.resolved,
            "seed": .number(Double(task.seed)), "weights": .string(weights.description),
            "request": .string(task.requests.map(\.id).joined(separator: " ")),
            "earlier": .array(earlier),
        ]
    }
}

/// What the parent says about the pools, computed once before anything is trained.
struct ParentFigures {
    /// Its logits over the forget and the retain pool; nil where no term needs them.
    let logits: (forget: Tensor, retain: Tensor)?
    /// Its accuracies on the validation samples.
    let before: ForgetMeter.Before

    init(
        _ model: any ImageClassifier, pools: ForgetPools, parameters: GSLoRAParameters,
        setting: RunSetting
    ) throws(LetheError) {
        let size = parameters.goal.evaluationBatchSize
        func measure(_ pool: PreparedImages) throws(LetheError) -> Tensor {
            setting.progress(Progress(phase: "measuring the parent", done: 0, total: pool.count))
            return try pool.map(batchSize: size, cancellation: setting.cancellation) {
                images throws(LetheError) in try model.logits(images)
            }
        }
        let losses = parameters.losses
        let needsTeacher =
            losses.retainDistillationWeight > 0 || losses.forgetDistillationWeight > 0
            || parameters.batches.mixedShare > 0 || parameters.features.featureForgetWeight > 0
        logits =
            needsTeacher
            ? (forget: try measure(pools.forget), retain: try measure(pools.retain)) : nil
        before = ForgetMeter.Before(
            forgetAccuracy: try ForgetMeter.accuracy(
                measure(pools.forgetValidation), pools.forgetValidation.labels),
            retainAccuracy: try ForgetMeter.accuracy(
                measure(pools.retainValidation), pools.retainValidation.labels))
    }
}
