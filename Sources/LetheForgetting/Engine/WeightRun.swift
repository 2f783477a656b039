import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import Logging

/// One forget request from the parent's folder to the file of new weights, by a method that changes
/// weights as they are.
struct WeightRun {
    let task: ForgetTask
    let progress: ProgressHandler
    let cancellation: CancellationFlag
    let logger: Logger

    /// Runs on the calling thread.
    func run() throws(LetheError) -> RunOutcome {
        let setting = try RunSetting(
            task.place, progress: progress, cancellation: cancellation, logger: logger)
        let recipe = try WeightRecipe(task.recipe)
        try WeightMethods.requireFit(task.recipe.method, to: task)
        let model = try ClassifierLoading.load(folder: task.modelFolder, device: setting.device)
        let roles = try ClassRoles(of: task, headCount: model.classCount)
        let pools = try ForgetPools(
            task, roles: roles, sizes: recipe.samples.pools, setting: setting)
        let quantization = try recipe.quantization.quantization(of: model)
        let problem = try ForgetProblem(
            model, parentFolder: task.modelFolder, forgottenClasses: roles.forgotten,
            forget: pools.forget, retain: pools.retain, plan: recipe.samples,
            seed: RunSeed(seed: task.seed, task: task.earlierRequests.count),
            cancellation: cancellation, quantization: quantization)
        try problem.calibrate()
        let meter = try AccuracyMeter(problem, pools: pools)
        problem.meter = meter
        let (stepCount, figures, gradients) = try recipe.method.procedure(problem).run(
            setting, setting.checkpoints(in: task.checkpointFolder, identity: identity(recipe)))
        try quantization?.settle()
        let check =
            figures["forgetAccuracy"] == nil
            ? try problem.check() : meter.check(figures: figures)
        try model.save(weightsTo: task.weightsFile)
        let writesMask = try ZeroMask.write(problem.mask, of: model.weights, to: task.maskFile)
        var outcome = RunOutcome(
            product: .weights, parameters: recipe.resolved, stepCount: stepCount,
            goalReached: check.meetsGoal, selection: pools.sentence,
            selectionFigures: check.figures.merging(figures) { $1 }
                .merging(Self.bits(quantization)) { $1 },
            environment: setting.environment)
        outcome.writesMask = writesMask
        outcome.gradients = gradients
        return outcome
    }

    private static func bits(_ quantization: ModelQuantization?) -> [String: Double] {
        guard let quantization else { return [:] }
        return [
            "weightBits": Double(quantization.weightBits),
            "activationBits": Double(quantization.activationBits),
        ]
    }

    /// What makes another run the same run, so that its checkpoint may be continued.
    private func identity(_ recipe: WeightRecipe) throws(LetheError) -> [String: JSONValue] {
        let weights = try FileDigest.of(task.modelFolder.appending(path: "model.safetensors"))
        return [
            "method": .string(task.recipe.method), "parameters": recipe.resolved,
            "seed": .number(Double(task.seed)), "weights": .string(weights.description),
            "request": .string(task.requests.map(\.id).joined(separator: " ")),
            "earlier": .array(task.earlierRequests.map { JSONValue.string($0.id) }),
        ]
    }
}

/// A recipe for a method that changes weights as they are.
struct WeightRecipe {
    let samples: SamplePlan
    let quantization: QuantizationPlan
    let method: any WeightMethodParameters
    /// Every value, defaults filled in.
    let resolved: JSONValue

    /// - Throws: `invalidArgument` for a method, a name or a value that is not known.
    init(_ recipe: Recipe) throws(LetheError) {
        var reader = try ParameterReader(recipe, method: recipe.method)
        samples = try SamplePlan(&reader)
        quantization = try QuantizationPlan(&reader)
        guard let method = try WeightMethods.parameters(recipe.method, &reader) else {
            let known = ([GSLoRAParameters.method] + WeightMethods.names).sorted()
            let nearest = Spelling.nearest(to: recipe.method, among: known)
            throw LetheError(
                code: .invalidArgument, message: "There is no method \"\(recipe.method)\".",
                remedy: nearest.map { "Did you mean \"\($0)\"?" }
                    ?? "Methods that forget are " + known.joined(separator: ", ") + ".")
        }
        self.method = method
        resolved = try reader.finish()
    }
}
