import LetheRecords
import Synchronization

/// Carries "stop" from the task that waits to the thread that computes.
final class CancellationFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    /// Whether somebody asked to stop.
    var isSet: Bool { flag.load(ordering: .relaxed) }

    /// Asks to stop.
    func set() { flag.store(true, ordering: .relaxed) }

    /// - Throws: `interrupted` outside the loop, where there is nothing yet to keep.
    func throwIfSet() throws(LetheError) {
        guard isSet else { return }
        throw LetheError(
            code: .interrupted, message: "Stopped; nothing was changed.",
            remedy: "Run the same command again; steps that were taken are kept.")
    }
}
