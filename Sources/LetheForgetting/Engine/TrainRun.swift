import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import Logging

/// One training run from the model's folder to the file of its weights.
struct TrainRun {
    let task: TrainTask
    let progress: ProgressHandler
    let cancellation: CancellationFlag
    let logger: Logger

    /// Runs on the calling thread.
    func run() throws(LetheError) -> RunOutcome {
        let setting = try RunSetting(
            task.place, progress: progress, cancellation: cancellation, logger: logger)
        let parameters = try TrainParameters(task.recipe)
        let seed = RunSeed(seed: task.seed, task: 0)
        let model = try loadOrCreate(seed, setting.device)
        let quantization = try parameters.quantization.quantization(of: model)
        let dataset = try task.dataset.open()
        let headCount = model.classCount
        try requireExcludable(headCount)
        try dataset.requireClassCount(headCount, absent: Set(task.excludedClasses))
        let gone = try ForgottenSamples(task.commitments, in: dataset, setting: setting)
        let split = try SelectionSplit(
            dataset, excluding: Set(task.excludedClasses), without: gone.all,
            interval: parameters.validationInterval)
        let pools = try pools(split, dataset, parameters, setting)
        let (learner, pool, validation) = try upperPart(
            of: model, pools, from: parameters.firstTrainedBlock(of: model), setting)
        let method = try method(
            (learner, quantization), pool, validation, parameters, seed)
        let loop = try TrainingLoop(
            plan: plan(parameters, sampleCount: pool.count),
            checkpoints: setting.checkpoints(
                in: task.checkpointFolder, identity: identity(parameters, pool.count)),
            progress: progress, cancellation: cancellation)
        let state = try loop.run(method, method.optimizer(parameters))
        try quantization?.settle()
        try model.save(weightsTo: task.weightsFile)
        let writesMask = try ZeroMask.write(method.mask, of: model.weights, to: task.maskFile)
        loop.checkpoints.remove()
        var outcome = RunOutcome(
            product: .weights, parameters: parameters.resolved, stepCount: state.step,
            goalReached: state.figures["accuracy", default: 0] >= parameters.goalAccuracy,
            selection: split.sentence, selectionFigures: state.figures,
            environment: setting.environment)
        outcome.writesMask = writesMask
        return outcome
    }

    private var startFile: URL { task.modelFolder.appending(path: "model.safetensors") }

    /// Fine-tunes what is in the folder, or starts from random weights where there are none.
    private func loadOrCreate(
        _ seed: RunSeed, _ device: Device
    ) throws(LetheError) -> any ImageClassifier {
        if FileManager.default.fileExists(atPath: startFile.path) {
            return try ClassifierLoading.load(folder: task.modelFolder, device: device)
        }
        return try ClassifierLoading.create(
            folder: task.modelFolder, generator: Generator(seed: seed.value("initial weights", 0)),
            device: device)
    }

    private func requireExcludable(_ headCount: Int) throws(LetheError) {
        guard let missing = task.excludedClasses.first(where: { !(0..<headCount).contains($0) })
        else { return }
        throw LetheError(
            code: .notFound,
            message: "There is no class \(missing): the model's head has \(headCount) outputs, "
                + "labels 0 to \(headCount - 1).",
            remedy: "Exclude classes that the model has.")
    }

    private func pools(
        _ split: SelectionSplit, _ dataset: ImageDataset, _ parameters: TrainParameters,
        _ setting: RunSetting
    ) throws(LetheError) -> (training: PreparedImages, validation: PreparedImages) {
        let reader = SampleReader(
            dataset: dataset, preprocessor: try ImagePreprocessor(folder: task.modelFolder))
        let classes = Array(split.training.keys)
        let training = try setting.prepare(
            split.training.samples(of: classes, perClass: parameters.samplesPerClass), reader,
            phase: "reading training images")
        let validation = try setting.prepare(
            split.validation.samples(of: classes, perClass: parameters.validationSamplesPerClass),
            reader, phase: "reading validation images")
        guard training.count > 0, validation.count > 0 else {
            throw LetheError(
                code: .notFound, message: "The dataset has too few training samples.",
                remedy: "Give at least four samples of some classes.")
        }
        return (training, validation)
    }

    /// The blocks that are trained, and the pools as the first of them sees them.
    private func upperPart(
        of model: any ImageClassifier,
        _ pools: (training: PreparedImages, validation: PreparedImages), from firstBlock: Int,
        _ setting: RunSetting
    ) throws(LetheError) -> (any ImageClassifier, PreparedImages, PreparedImages) {
        guard firstBlock > 0 else { return (model, pools.training, pools.validation) }
        let upper = try UpperBlocks(of: model, from: firstBlock)
        func lowered(_ pool: PreparedImages) throws(LetheError) -> PreparedImages {
            setting.progress(
                Progress(phase: "computing the lower blocks", done: 0, total: pool.count))
            return try pool.transformed(
                batchSize: 64, cancellation: cancellation, upper.inputs)
        }
        return (upper, try lowered(pools.training), try lowered(pools.validation))
    }

    private func method(
        _ student: (model: any ImageClassifier, quantization: ModelQuantization?),
        _ pool: PreparedImages, _ validation: PreparedImages, _ parameters: TrainParameters,
        _ seed: RunSeed
    ) throws(LetheError) -> Train {
        let model = student.model
        return try Train(
            model, pool: pool, parameters: parameters, seed: seed,
            quantization: student.quantization, pruner: pruner(model, pool, parameters)
        ) { () throws(LetheError) in
            let logits = try validation.map(
                batchSize: parameters.evaluationBatchSize, cancellation: cancellation
            ) { images throws(LetheError) in try model.logits(images).moved(to: .cpu) }
            let accuracy = try ForgetMeter.accuracy(logits, validation.labels)
            return SelectionCheck(
                figures: ["accuracy": accuracy], score: accuracy,
                meetsGoal: accuracy >= parameters.goalAccuracy)
        }
    }

    /// Prunes where the recipe asks for it, and holds what is pruned.
    private func pruner(
        _ model: any ImageClassifier, _ pool: PreparedImages, _ parameters: TrainParameters
    ) throws(LetheError) -> Pruner? {
        let mask = try ZeroMask.inFolder(task.modelFolder, of: model.weights)
        guard parameters.pruning.sparsity > 0 || mask != nil else { return nil }
        let stepCount = plan(parameters, sampleCount: pool.count).stepCount
        return Pruner(
            model, parameters.pruning, holding: mask, imageShape: try pool.imageShape(),
            stepCount: stepCount, stepsPerEpoch: stepCount / parameters.epochCount)
    }

    private func plan(_ parameters: TrainParameters, sampleCount: Int) -> LoopPlan {
        let stepsPerEpoch = (sampleCount + parameters.batchSize - 1) / parameters.batchSize
        let stepCount = parameters.epochCount * stepsPerEpoch
        return LoopPlan(
            stepCount: stepCount, schedule: parameters.schedule(totalSteps: stepCount),
            gradientNormLimit: parameters.gradientNormLimit,
            checkIntervalSteps: parameters.checkIntervalEpochs * stepsPerEpoch,
            minimumStepCount: 0, stopsAfterChecks: nil, selection: parameters.selection)
    }

    /// What makes another run the same run, so that its checkpoint may be continued.
    private func identity(
        _ parameters: TrainParameters, _ sampleCount: Int
    ) throws(LetheError) -> [String: JSONValue] {
        let hasStart = FileManager.default.fileExists(atPath: startFile.path)
        let start = hasStart ? try FileDigest.of(startFile).description : "random"
        let configuration = try FileDigest.of(task.modelFolder.appending(path: "config.json"))
        return [
            "method": .string(TrainParameters.method), "parameters": parameters.resolved,
            "seed": .number(Double(task.seed)), "weights": .string(start),
            "configuration": .string(configuration.description),
            "samples": .number(Double(sampleCount)),
            "excluded": .array(task.excludedClasses.sorted().map { .number(Double($0)) }),
            "forgotten": .string(MerkleTree.root(of: task.commitments?.forgotten ?? []).hex),
        ]
    }
}
