import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// Makes one model from another by a recipe, as comparisons do.
///
/// The result is a folder with the configuration and, once the method is done, the weights. What a
/// killed run left in it is gone on with.
struct ModelChange {
    let run: RunSetting
    /// Where config.json and preprocessor_config.json are.
    let configuration: URL
    let forgottenClasses: [Int]
    let forget: PreparedImages

    static let weightsName = "model.safetensors"

    /// A model that a method made.
    struct Result {
        let folder: URL
        let model: any ImageClassifier
        let seconds: Double
        let details: [String: Double]
    }

    /// Runs a method to its end.
    ///
    /// - Parameters:
    ///   - parent: A folder; without weights the model begins with random ones.
    ///   - identity: What tells this run from others, for checkpoints.
    func apply(
        _ recipe: Recipe, from parent: URL, in folder: URL, learning retain: PreparedImages,
        seed: RunSeed, identity: [String: JSONValue] = [:]
    ) throws(LetheError) -> Result {
        let recipe = try WeightRecipe(recipe)
        try copyConfiguration(to: folder)
        let hasWeights = FileManager.default.fileExists(
            atPath: parent.appending(path: Self.weightsName).path)
        let model =
            hasWeights
            ? try ClassifierLoading.load(folder: parent, device: run.device)
            : try ClassifierLoading.create(
                folder: parent, generator: Generator(seed: 1), device: run.device)
        let quantization = try recipe.quantization.quantization(of: model)
        let problem = try ForgetProblem(
            model, parentFolder: parent, forgottenClasses: forgottenClasses, forget: forget,
            retain: retain, plan: recipe.samples, seed: seed, cancellation: run.cancellation,
            quantization: quantization)
        try problem.calibrate()
        let began = ContinuousClock.now
        let (_, details, _) = try recipe.method.procedure(problem).run(
            run, run.checkpoints(in: folder.appending(path: "checkpoint"), identity: identity))
        // What is measured is what would be delivered: values on the integer grid.
        try quantization?.settle()
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        // Before the weights, with which the folder is done.
        _ = try ZeroMask.write(
            problem.mask, of: model.weights, to: folder.appending(path: PruningMask.fileName))
        try model.save(weightsTo: folder.appending(path: Self.weightsName))
        return Result(folder: folder, model: model, seconds: seconds, details: details)
    }

    private func copyConfiguration(to folder: URL) throws(LetheError) {
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
            for name in ["config.json", "preprocessor_config.json"] {
                try Data(contentsOf: configuration.appending(path: name))
                    .write(to: folder.appending(path: name), options: .atomic)
            }
        } catch {
            throw LetheError(
                code: .io, message: "A folder for the benchmark's models cannot be made.",
                remedy: "Check free space, and that the model's folder has both configurations.",
                cause: error)
        }
    }
}
