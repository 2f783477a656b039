import Glibc
import LetheRecords

/// A file that appears under its name only once it is whole and on the disk.
final class NewFile {
    private let path: String
    private let temporaryPath: String
    private let descriptor: Int32
    private var isFinished = false

    /// Begins a temporary file in the folder of `path`.
    init(path: String) throws(LetheError) {
        self.path = path
        temporaryPath = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).part"
        // The property is set last: until then a failure runs no deinit, which would unlink.
        let descriptor = unsafe Glibc.open(
            temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o644))
        guard descriptor >= 0 else { throw fileError("create", path, errno) }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        if !isFinished { unsafe unlink(temporaryPath) }
    }

    /// Appends bytes.
    func write(_ bytes: [UInt8]) throws(LetheError) {
        var done = 0
        while done < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(
                    descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw fileError("write", path, errno) }
            done += written
        }
    }

    /// Makes the file durable and gives it its name, replacing what had it.
    func finish() throws(LetheError) {
        guard fsync(descriptor) == 0, unsafe rename(temporaryPath, path) == 0 else {
            throw fileError("write", path, errno)
        }
        isFinished = true
    }
}

/// Says what the operating system refused.
func fileError(_ verb: String, _ path: String, _ number: Int32) -> LetheError {
    let reason = unsafe String(cString: strerror(number))
    if number == ENOSPC || number == EDQUOT {
        return LetheError(
            code: .diskFull, message: "Cannot \(verb) \(path): \(reason).",
            remedy: "Free some space and try again; nothing was changed.")
    }
    return LetheError(
        code: number == ENOENT ? .notFound : .io,
        message: "Cannot \(verb) \(path): \(reason).",
        remedy: "Check that the path exists and that you may \(verb) it.")
}
