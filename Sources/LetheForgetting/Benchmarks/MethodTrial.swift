public import Foundation
public import LetheRecords
import LetheTensor
import LetheVision
import Logging

/// One seed of a comparison of methods: the same samples, the same original, every method from it.
///
/// Models go from method to method as files, so that each starts from exactly the same weights.
/// Everything runs on the calling thread, which it blocks.
public final class MethodTrial {
    /// What must be forgotten.
    public enum Target: Sendable, Equatable {
        /// Whole classes; they have no part in TA either.
        case classes([Int])
        /// A share of the training samples, drawn by the seed, in 0...1.
        case share(Double)
    }

    /// What a comparison is about.
    public struct Setting: Sendable {
        /// A folder with config.json and preprocessor_config.json; weights in it are not used.
        public var modelFolder: URL
        /// The data, with a training and a test split.
        public var dataset: DatasetLocation
        /// What must be forgotten.
        public var target: Target
        /// Training samples used of each class; 0 for all.
        public var trainPerClass: Int
        /// Test samples used of each class; 0 for all.
        public var testPerClass: Int
        /// Device and threads.
        public var place: RunPlace

        /// Puts a setting together.
        public init(
            modelFolder: URL, dataset: DatasetLocation, target: Target, trainPerClass: Int,
            testPerClass: Int, place: RunPlace
        ) {
            self.modelFolder = modelFolder
            self.dataset = dataset
            self.target = target
            self.trainPerClass = trainPerClass
            self.testPerClass = testPerClass
            self.place = place
        }
    }

    /// The LibTorch that computes.
    public static var libTorchVersion: String { LibTorch.loadedVersion }

    /// Which held-out samples TA and the attack use.
    public enum HeldOut: Sendable {
        /// Part of the training split that moves no weights: for choosing recipes.
        case validation
        /// The test split: for the table.
        case test
    }

    private let setting: Setting
    private let seed: Int
    private let work: URL
    private let run: RunSetting
    private let pools: MethodPools

    /// Reads the samples.
    ///
    /// - Parameter work: An empty folder for models and checkpoints.
    /// - Throws: `notFound`, `malformed`, `device`.
    public init(
        _ setting: Setting, seed: Int, work: URL,
        progress: @escaping ProgressHandler = { _ in }
    ) throws(LetheError) {
        self.setting = setting
        self.seed = seed
        self.work = work
        run = try RunSetting(
            setting.place, progress: progress, cancellation: CancellationFlag(),
            logger: Logger(label: "lethe.methods") { _ in SwiftLogNoOpLogHandler() })
        pools = try MethodPools(setting, seed: RunSeed(seed: seed, task: 0), run: run)
    }

    /// Trains the model that has seen everything.
    ///
    /// - Parameter recipe: A recipe of the method `retrain`.
    /// - Returns: The folder of the model.
    public func original(_ recipe: Recipe) throws(LetheError) -> URL {
        try change(setting.modelFolder, recipe, named: "original", learning: pools.all).folder
    }

    /// Trains the original further on everything, for a recipe of the method `prune`.
    public func sparse(_ recipe: Recipe, from folder: URL) throws(LetheError) -> URL {
        try change(folder, recipe, named: "sparse", learning: pools.all).folder
    }

    /// Runs a method from a model and measures what comes out.
    public func figures(
        _ recipe: Recipe, from folder: URL, named name: String, on heldOut: HeldOut
    ) throws(LetheError) -> UnlearningFigures {
        let result = try change(folder, recipe, named: name, learning: pools.retain)
        var figures = try pools.figures(result.model, seconds: result.seconds, on: heldOut)
        figures.details = result.details
        return figures
    }

    /// Measures a model as it is.
    public func figures(
        of folder: URL, on heldOut: HeldOut
    ) throws(LetheError) -> UnlearningFigures {
        let model = try ClassifierLoading.load(folder: folder, device: run.device)
        return try pools.figures(model, seconds: 0, on: heldOut)
    }

    private func change(
        _ parent: URL, _ recipe: Recipe, named name: String, learning retain: PreparedImages
    ) throws(LetheError) -> ModelChange.Result {
        let folder = work.appending(path: name)
        try? FileManager.default.removeItem(at: folder)
        return try ModelChange(
            run: run, configuration: setting.modelFolder,
            forgottenClasses: pools.forgottenClasses, forget: pools.forget
        ).apply(
            recipe, from: parent, in: folder, learning: retain, seed: RunSeed(seed: seed, task: 0))
    }
}
