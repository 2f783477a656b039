internal import Foundation
internal import LetheRecords

/// Files that hold secrets: created with mode 0600 in one step, never replaced.
enum PrivateFile {
    /// Keys are about 120 bytes; this bounds what a wrong path can cost.
    private static let maximumSizeBytes = 4096

    static func create(_ file: URL, text: String) throws(LetheError) {
        let descriptor = unsafe open(file.path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = errno
            throw LetheError(
                code: reason == EEXIST ? .alreadyExists : .io,
                message: reason == EEXIST
                    ? "There is already a file at \(file.path)."
                    : "Cannot create \(file.path): \(unsafe String(cString: strerror(reason))).",
                remedy: "Choose another path in a folder that you may write to.")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
            try handle.close()
        } catch {
            throw LetheError(code: .io, message: "Cannot write \(file.path).", cause: error)
        }
    }

    /// Fills a file with zeros, forces them to the disk, and removes it; a missing one is fine.
    ///
    /// What the medium keeps of older blocks is out of reach.
    static func destroy(_ file: URL) throws(LetheError) {
        do {
            guard FileManager.default.fileExists(atPath: file.path) else { return }
            let handle = try FileHandle(forWritingTo: file)
            let count = Int(try handle.seekToEnd())
            try handle.seek(toOffset: 0)
            try handle.write(contentsOf: Data(count: count))
            try handle.synchronize()
            try handle.close()
            try FileManager.default.removeItem(at: file)
        } catch {
            throw LetheError(
                code: .io, message: "\(file.path) cannot be destroyed.",
                remedy: "Run the same command again, as a user who may.", cause: error)
        }
    }

    /// Forces the names of a folder to the disk.
    static func syncFolder(_ folder: URL) throws(LetheError) {
        let descriptor = unsafe open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw LetheError(code: .io, message: "\(folder.path) cannot be opened.")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw LetheError(code: .io, message: "\(folder.path) cannot be forced to the disk.")
        }
    }

    static func read(_ file: URL) throws(LetheError) -> String {
        do {
            let handle = try FileHandle(forReadingFrom: file)
            var status = stat()
            let isKnown = unsafe fstat(handle.fileDescriptor, &status) == 0
            guard isKnown, status.st_mode & 0o077 == 0 else {
                throw LetheError(
                    code: .refused,
                    message: "The private key \(file.path) can be read by others.",
                    remedy: "Run: chmod 600 \(file.path)")
            }
            let data = try handle.read(upToCount: maximumSizeBytes) ?? Data()
            return String(decoding: data, as: UTF8.self)
        } catch let error as LetheError {
            throw error
        } catch {
            throw LetheError(
                code: .io, message: "Cannot read the private key \(file.path).",
                remedy: "Check the path; lethe init makes keys.", cause: error)
        }
    }
}
