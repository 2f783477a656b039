import Foundation
import LetheRecords
import LetheTensor
import Logging

/// Keeps the newest checkpoint of a run in one safetensors file, whose metadata holds the state:
/// it is replaced whole, so that a crash leaves the old one or the new one.
final class CheckpointStore {
    /// Checkpoints are written at most this often while all goes well.
    static let intervalSeconds = 30.0
    private static let fileName = "checkpoint.safetensors"

    private let url: URL
    private let task: Digest
    private let logger: Logger
    private let clock = ContinuousClock()
    private var lastSave: ContinuousClock.Instant

    /// - Parameter task: What the run is, by digest; checkpoints of other tasks are left alone.
    /// - Throws: `io` if the folder cannot be made.
    init(folder: URL, task: Digest, logger: Logger) throws(LetheError) {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw LetheError(
                code: .io, message: "The folder for checkpoints cannot be made.",
                remedy: "Check permissions and free space.", cause: error)
        }
        url = folder.appending(path: Self.fileName)
        self.task = task
        self.logger = logger
        lastSave = clock.now
    }

    /// Whether the last checkpoint is old enough for a new one.
    func isDue() -> Bool {
        lastSave.duration(to: clock.now) >= .seconds(Self.intervalSeconds)
    }

    /// Writes a checkpoint in place of the old one.
    func save(_ checkpoint: Checkpoint) throws(LetheError) {
        let state = try CanonicalJSON.encode(checkpoint.state)
        let tensors =
            Self.named("parameter", checkpoint.parameters) + Self.named("best", checkpoint.best)
            + checkpoint.optimizer.map { ("optimizer.\($0.name)", $0.tensor) }
        try Safetensors.write(
            tensors,
            metadata: ["task": task.description, "state": String(decoding: state, as: UTF8.self)],
            to: url)
        lastSave = clock.now
    }

    /// Puts a saved run back into the method's parameters and the optimiser.
    ///
    /// - Returns: The state; nil where there is no checkpoint of this task, which is no error.
    func load(
        _ method: any TrainingMethod, _ optimizer: any Optimizer
    ) throws(LetheError) -> (state: LoopState, best: [Tensor])? {
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        guard let found = readable() else { return nil }
        let (file, state) = found
        for (index, parameter) in method.state.enumerated() {
            try parameter.copy(from: file.tensor(named: "parameter.\(index)"))
        }
        var saved: [(name: String, tensor: Tensor)] = []
        for (name, _) in optimizer.stateTensors {
            saved.append((name, try file.tensor(named: "optimizer.\(name)")))
        }
        try optimizer.restore(stateTensors: saved)
        var best: [Tensor] = []
        while file.contains("best.\(best.count)") {
            best.append(try file.tensor(named: "best.\(best.count)"))
        }
        logger.notice("continuing at step \(state.step)")
        return (state, best)
    }

    /// Removes the checkpoint of a run that is done.
    func remove() {
        try? FileManager.default.removeItem(at: url)
    }

    /// The file, if it is whole and of this task; a stale one is no reason to fail.
    private func readable() -> (SafetensorsFile, LoopState)? {
        do {
            let file = try Safetensors.open(url)
            guard file.header.metadata["task"] == task.description else {
                logger.notice("ignoring a checkpoint of another task")
                return nil
            }
            let state = file.header.metadata["state"] ?? ""
            return (file, try CanonicalJSON.decode(LoopState.self, from: Array(state.utf8)))
        } catch {
            logger.warning("ignoring a damaged checkpoint: \(error.message)")
            return nil
        }
    }

    private static func named(_ kind: String, _ tensors: [Tensor]) -> [(String, Tensor)] {
        tensors.enumerated().map { ("\(kind).\($0.offset)", $0.element) }
    }
}
