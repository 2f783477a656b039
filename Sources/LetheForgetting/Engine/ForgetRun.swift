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
        let setting = try RunSetting(
            task.place, progress: progress, cancellation: cancellation, logger: logger)
        let model = try ClassifierLoading.load(folder: task.modelFolder, device: setting.device)
        let parameters = try GSLoRAParameters(
            task.recipe, classCount: model.classCount)
        let roles = try classRoles(headCount: model.classCount)
        let pools = try ForgetPools(task, roles: roles, parameters: parameters, setting: setting)
        let seed = RunSeed(seed: task.seed, task: task.earlierRequests.count)
        let teacher = try ParentFigures(
            model, pools: pools, parameters: parameters, setting: setting)
        let isFirst = task.earlierRequests.isEmpty
        let adapters = try LowRankAdapters(
            model, rank: parameters.rank,
            slopeSquared: isFirst
                ? parameters.firstTaskSlopeSquared : parameters.laterTaskSlopeSquared, seed: seed)
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
        for (block, norm) in try adapters.groupNorms().enumerated() {
            figures["groupNorm.\(block)"] = norm
        }
        return RunOutcome(
            product: .delta, parameters: parameters.resolved, stepCount: state.step,
            goalReached: state.goalStreak >= parameters.goal.checksInARow,
            selection: pools.sentence, selectionFigures: figures,
            environment: setting.environment)
    }

    /// Sorts the head's classes by what has to become of them.
    ///
    /// - Throws: `notFound` for a class beyond the head, `invalidArgument` if nothing is left.
    private func classRoles(headCount: Int) throws(LetheError) -> ClassRoles {
        let forgotten = Set(task.request.classes)
        let earlier = Set(task.earlierRequests.flatMap(\.classes)).subtracting(forgotten)
        if let missing = forgotten.sorted().first(where: { !(0..<headCount).contains($0) }) {
            throw LetheError(
                code: .notFound,
                message: "There is no class \(missing): the model's head has \(headCount) outputs, "
                    + "labels 0 to \(headCount - 1).",
                remedy: "Name classes that the model has.")
        }
        let retained = (0..<headCount).filter { !forgotten.contains($0) && !earlier.contains($0) }
        guard !forgotten.isEmpty, !retained.isEmpty else {
            throw LetheError(
                code: .invalidArgument,
                message: forgotten.isEmpty
                    ? "The request names no class." : "No class would be left to retain.",
                remedy: "Name at least one class, and leave at least one.")
        }
        return ClassRoles(
            forgotten: forgotten.sorted(), earlier: earlier.sorted(), retained: retained)
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
            batch: batches.batch(step:), meter: { _ throws(LetheError) in try meter() })
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
            "request": .string(task.request.id), "earlier": .array(earlier),
        ]
    }
}

/// The four pools of a forget run, decoded: what moves the weights and what measures them.
struct ForgetPools {
    let forget: PreparedImages
    let retain: PreparedImages
    let forgetValidation: PreparedImages
    let retainValidation: PreparedImages
    /// What the manifest says about which samples selected the weights.
    let sentence: String

    /// - Throws: `labelMismatch`, `notFound` for a class without samples, `malformed` for images
    ///   that do not decode.
    init(
        _ task: ForgetTask, roles: ClassRoles, parameters: GSLoRAParameters, setting: RunSetting
    ) throws(LetheError) {
        let dataset = try task.dataset.open()
        let headCount = roles.forgotten.count + roles.earlier.count + roles.retained.count
        try dataset.requireClassCount(headCount, absent: Set(roles.earlier))
        let split = try SelectionSplit(
            dataset, excluding: Set(roles.earlier), interval: parameters.goal.validationInterval)
        let reader = SampleReader(
            dataset: dataset, preprocessor: try ImagePreprocessor(folder: task.modelFolder))
        let batches = parameters.batches
        let forgetSamples = split.training.samples(
            of: roles.forgotten, perClass: batches.forgetSamplesPerClass)
        try Self.requireSamples(of: roles.forgotten, in: split)
        forget = try setting.prepare(forgetSamples, reader, phase: "reading images to forget")
        retain = try setting.prepare(
            split.training.samples(of: roles.retained, perClass: batches.retainSamplesPerClass),
            reader, phase: "reading images to retain")
        let measured = split.validation.samples(of: roles.forgotten)
        forgetValidation = try setting.prepare(
            measured.isEmpty ? forgetSamples : measured, reader, phase: "reading validation images")
        retainValidation = try setting.prepare(
            split.validation.samples(
                of: roles.retained, perClass: parameters.goal.retainValidationSamplesPerClass),
            reader, phase: "reading validation images")
        guard retain.count > 0, retainValidation.count > 0 else {
            throw LetheError(
                code: .notFound, message: "The dataset has no samples of classes to retain.",
                remedy: "Give at least four training samples of some retained classes.")
        }
        sentence = split.sentence + (measured.isEmpty ? Self.tooFewSentence : "")
    }

    private static let tooFewSentence =
        "; the forgotten classes have too few samples for that, their training samples were measured"

    private static func requireSamples(
        of classes: [Int], in split: SelectionSplit
    ) throws(LetheError) {
        let empty = classes.filter { split.training[$0]?.isEmpty ?? true }
        guard !empty.isEmpty else { return }
        let list = empty.map(String.init).joined(separator: ", ")
        throw LetheError(
            code: .notFound,
            message: "The dataset has no training samples of the classes to forget: \(list).",
            remedy: "Forgetting needs the data of the request; give the dataset that has it.")
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
            || parameters.batches.mixedShare > 0
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
