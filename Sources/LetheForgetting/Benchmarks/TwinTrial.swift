public import Foundation
public import LetheRecords
import LetheTensor
import LetheVision
import Logging

/// Which half of the samples in question a pair of twins learns: pairs come in twos whose halves are
/// each other's rest, so that every sample is learnt by half of them.
struct TwinHalf {
    let pair: Int

    /// Of so many samples, which belong to the half.
    func members(of count: Int, seed: RunSeed) -> [Bool] {
        var source = seed.source("half of the samples in question", pair / 2)
        let first = Set(source.permutation(count).prefix(count / 2))
        return (0..<count).map { first.contains($0) == (pair % 2 == 0) }
    }
}

/// Trains pairs of twins for tier 3: a model that learns half of the samples in question and forgets
/// them by a recipe, and one that never sees any.
///
/// Every model is a file of its own, in a folder of its own. What is there is not made again and what
/// is half done is gone on with, to the same bytes: all random choices follow from the seed, the
/// pair's number and the step. Everything runs on the calling thread, which it blocks.
public final class TwinTrial {
    /// How twins are made.
    public struct Recipes: Sendable {
        /// How both twins are trained: a recipe of the method `retrain`.
        public var training: Recipe
        /// How the first one forgets.
        public var forgetting: Recipe

        /// Puts them together.
        public init(training: Recipe, forgetting: Recipe) {
            self.training = training
            self.forgetting = forgetting
        }
    }

    /// A pair of twins.
    public struct Pair: Sendable {
        /// The folder of the model that learnt.
        public let original: URL
        /// The folder of the same after forgetting.
        public let unlearned: URL
        /// The folder of the twin that never saw any of the samples in question.
        public let retrained: URL
        /// The samples in question, by their positions in the training split.
        public let samples: [Int]
        /// Which of them the first model learnt.
        public let isMember: [Bool]
        /// What the model that forgot reaches.
        public let unlearnedFigures: UnlearningFigures
        /// What its twin reaches.
        public let retrainedFigures: UnlearningFigures
        /// What the previous pair's retrained twin reaches on the same samples; nil for the first.
        public let previousFigures: UnlearningFigures?
    }

    private enum Role: Int {
        case original
        case unlearned
        case retrained
    }

    private let setting: MethodTrial.Setting
    private let recipes: Recipes
    private let seed: Int
    private let work: URL
    private let run: RunSetting

    /// Takes what is to be done.
    ///
    /// - Parameter work: The batch's folder; it must be about the same setting, recipes and seed.
    /// - Throws: `unsupported` for a method that makes deltas, `invalidArgument`, `device`.
    public init(
        _ setting: MethodTrial.Setting, recipes: Recipes, seed: Int, work: URL,
        progress: @escaping ProgressHandler = { _ in }
    ) throws(LetheError) {
        self.setting = setting
        self.recipes = recipes
        self.seed = seed
        self.work = work
        run = try RunSetting(
            setting.place, progress: progress, cancellation: CancellationFlag(),
            logger: Logger(label: "lethe.twins") { _ in SwiftLogNoOpLogHandler() })
        guard recipes.forgetting.method != GSLoRAParameters.method else {
            throw LetheError(
                code: .unsupported,
                message: "Twins cannot forget with \(GSLoRAParameters.method) yet.",
                remedy: "Take a recipe of one of " + WeightMethods.names.joined(separator: ", ")
                    + ".")
        }
        guard recipes.training.method == RetrainParameters.method else {
            throw LetheError(
                code: .invalidArgument,
                message: "Twins are trained from random weights.",
                remedy: "Give a recipe of the method \(RetrainParameters.method).")
        }
        _ = try (WeightRecipe(recipes.training), WeightRecipe(recipes.forgetting))
    }

    /// Where a pair's files are.
    public static func folder(ofPair number: Int, in work: URL) -> URL {
        work.appending(path: String(format: "pair-%03d", number))
    }

    /// Makes what is not there of a pair, and measures it.
    ///
    /// Earlier pairs must be made already.
    ///
    /// - Throws: `notFound`, `malformed`, `io`, `tensor`, `device`.
    public func pair(_ number: Int) throws(LetheError) -> Pair {
        let pools = try MethodPools(
            setting, seed: RunSeed(seed: seed, task: 0), run: run, half: TwinHalf(pair: number))
        let original = try model(.original, number, pools, from: setting.modelFolder)
        let unlearned = try model(.unlearned, number, pools, from: original)
        let retrained = try model(.retrained, number, pools, from: setting.modelFolder)
        // The file is measured also where the model is still at hand, so that going on after a kill
        // measures the same.
        func figures(_ folder: URL) throws(LetheError) -> UnlearningFigures {
            try pools.figures(
                ClassifierLoading.load(folder: folder, device: run.device), seconds: 0, on: .test)
        }
        return Pair(
            original: original, unlearned: unlearned, retrained: retrained,
            samples: pools.candidates.map(\.index), isMember: pools.isMember,
            unlearnedFigures: try figures(unlearned), retrainedFigures: try figures(retrained),
            previousFigures: number == 0 ? nil : try figures(folder(.retrained, number - 1)))
    }

    private func folder(_ role: Role, _ number: Int) -> URL {
        Self.folder(ofPair: number, in: work).appending(path: "\(role)")
    }

    private func model(
        _ role: Role, _ number: Int, _ pools: MethodPools, from parent: URL
    ) throws(LetheError) -> URL {
        let folder = folder(role, number)
        let weights = folder.appending(path: ModelChange.weightsName)
        if FileManager.default.fileExists(atPath: weights.path) { return folder }
        let change = ModelChange(
            run: run, configuration: setting.modelFolder,
            forgottenClasses: pools.forgottenClasses, forget: pools.forget)
        _ = try change.apply(
            role == .unlearned ? recipes.forgetting : recipes.training, from: parent, in: folder,
            learning: role == .original ? pools.all : pools.retain,
            seed: RunSeed(seed: seed, task: 3 * number + role.rawValue),
            identity: ["pair": .number(Double(number)), "role": .string("\(role)")])
        return folder
    }
}
