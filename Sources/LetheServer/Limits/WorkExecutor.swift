internal import Dispatch

/// Threads for work that blocks: reading from the disk, waiting for a lock.
final class WorkExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "lethe.serve", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
