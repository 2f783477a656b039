import Dispatch
public import Foundation
public import LetheRecords
import LetheVision
public import Logging

/// The engine behind the registry's port: trains, forgets, reads datasets, over LibTorch.
///
/// All tensor work happens on one queue of its own, so that it never blocks the cooperative pool
/// and two runs never share the kernels' threads; tensors do not leave it.
public final class ForgettingEngine: Engine {
    private let queue = DispatchQueue(label: "lethe.forgetting", qos: .userInitiated)
    let logger: Logger

    /// Makes an engine.
    ///
    /// - Parameter logger: Hears of checkpoints that are continued or ignored.
    public init(
        logger: Logger = Logger(label: "lethe.forgetting") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.logger = logger
    }

    /// Looks at a model folder without running it.
    ///
    /// - Throws: `unsupported` or `malformed` naming what is in the way.
    public func inspect(modelFolder: URL) async throws(LetheError) -> ModelDescription {
        try await perform { _ throws(LetheError) in try ModelInspection.describe(modelFolder) }
    }

    /// Reads every sample once: decodes it and commits to it under the key.
    ///
    /// - Throws: `malformed` naming and counting the samples that do not decode.
    public func describe(
        dataset: DatasetLocation, key: CommitmentKey, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> DatasetDescription {
        try await perform { cancellation throws(LetheError) in
            try DatasetDescriber(key: key, progress: progress, cancellation: cancellation)
                .describe(dataset)
        }
    }

    /// Trains or fine-tunes a vision transformer and writes its weights.
    ///
    /// - Throws: `interrupted` when cancelled (the checkpoint is kept), `labelMismatch`,
    ///   `invalidArgument` for the recipe, `malformed` for the data, `numerical`, `device`.
    public func train(
        _ task: TrainTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> RunOutcome {
        let logger = logger
        return try await perform { cancellation throws(LetheError) in
            try TrainRun(
                task: task, progress: progress, cancellation: cancellation, logger: logger
            ).run()
        }
    }

    /// Runs the recipe's method and writes the low-rank delta, or the weights, that it makes.
    ///
    /// - Throws: `interrupted` when cancelled (the checkpoint is kept), `labelMismatch`,
    ///   `notFound` for a class that does not exist, `invalidArgument` for the recipe,
    ///   `malformed` for the data, `numerical`, `device`.
    public func forget(
        _ task: ForgetTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> RunOutcome {
        let logger = logger
        return try await perform { cancellation throws(LetheError) in
            guard task.recipe.method == GSLoRAParameters.method else {
                return try WeightRun(
                    task: task, progress: progress, cancellation: cancellation, logger: logger
                ).run()
            }
            return try ForgetRun(
                task: task, progress: progress, cancellation: cancellation, logger: logger
            ).run()
        }
    }

    /// Runs a body on the engine's queue and tells it when the waiting task is cancelled.
    func perform<Output: Sendable>(
        _ body: @escaping @Sendable (CancellationFlag) throws(LetheError) -> Output
    ) async throws(LetheError) -> Output {
        let cancellation = CancellationFlag()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    continuation.resume(
                        returning: Result { () throws(LetheError) in try body(cancellation) })
                }
            }
        } onCancel: {
            cancellation.set()
        }
        return try result.get()
    }
}
