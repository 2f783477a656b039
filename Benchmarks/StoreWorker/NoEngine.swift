import Foundation
import LetheRecords

/// Takes every model and runs nothing.
struct NoEngine: Engine {
    func inspect(modelFolder: URL) async throws(LetheError) -> ModelDescription {
        ModelDescription(architecture: "any", classCount: 1, parameterCount: 1)
    }

    func describe(
        dataset: DatasetLocation, key: CommitmentKey, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> DatasetDescription {
        throw Self.none
    }

    func locate(
        _ names: [String], in dataset: DatasetLocation, key: CommitmentKey,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> LocatedSamples {
        throw Self.none
    }

    func nearest(
        _ task: ExampleTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> [SimilarSample] {
        throw Self.none
    }

    func train(
        _ task: TrainTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> RunOutcome {
        throw Self.none
    }

    func forget(
        _ task: ForgetTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> RunOutcome {
        throw Self.none
    }

    private static var none: LetheError {
        LetheError(code: .unsupported, message: "This program has no engine.")
    }
}
