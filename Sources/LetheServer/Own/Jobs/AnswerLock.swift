internal import Foundation
internal import Glibc
internal import LetheRecords

/// The command of a job holds the lock on the file of its answer as long as it lives, whichever
/// server started it.
extension JobRunner {
    /// The empty file of the answer, locked for the command that will write it.
    func emptyAnswer(of job: Job) throws -> FileHandle {
        let path = book.file(job.id, "answer").path
        let handle = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard handle >= 0, flock(handle, LOCK_EX | LOCK_NB) == 0 else {
            throw LetheError(code: .io, message: "The answer of \(job.id) cannot be written.")
        }
        try? FileManager.default.removeItem(at: book.file(job.id, "text"))
        return FileHandle(fileDescriptor: handle, closeOnDealloc: true)
    }

    /// Whether the command of a job runs: it holds the lock on its answer as long as it lives.
    func holdsAnswer(_ job: Job) -> Bool {
        let handle = unsafe open(book.file(job.id, "answer").path, O_RDONLY | O_CLOEXEC)
        guard handle >= 0 else { return false }
        defer { close(handle) }
        return flock(handle, LOCK_EX | LOCK_NB) != 0
    }

    /// Waits for a command that is no child of this process.
    func waitForAnswer(of job: Job) async {
        let path = book.file(job.id, "answer").path
        let (ends, end) = AsyncStream<Void>.makeStream()
        Thread.detachNewThread {
            let handle = unsafe open(path, O_RDONLY | O_CLOEXEC)
            if handle >= 0 {
                while flock(handle, LOCK_EX) != 0 && errno == EINTR {}
                close(handle)
            }
            end.yield()
            end.finish()
        }
        await Task.detached { for await _ in ends { return } }.value
    }
}
