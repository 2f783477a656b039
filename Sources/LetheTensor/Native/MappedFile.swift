import Glibc
import LetheRecords

/// A whole file mapped read-only into memory, as long as this object lives.
@safe
final class MappedFile {
    /// The size when the file was mapped.
    let sizeBytes: Int

    private let path: String
    private let descriptor: Int32
    private let base: UnsafeRawPointer?

    /// Maps a regular file.
    init(path: String) throws(LetheError) {
        // A named pipe must be refused, not waited for.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw fileError("open", path, errno) }
        do throws(LetheError) {
            let size = try MappedFile.size(of: descriptor, path)
            unsafe base = try unsafe MappedFile.map(descriptor, size, path)
            sizeBytes = size
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        if let base = unsafe base {
            unsafe munmap(UnsafeMutableRawPointer(mutating: base), sizeBytes)
        }
        close(descriptor)
    }

    /// Shows the bytes of a range to `body`.
    ///
    /// A file that somebody cut off in the meantime is refused here: reading mapped bytes behind
    /// its end would end the process.
    func withBytes<Result>(
        in range: Range<Int>, _ body: (RawSpan) throws(LetheError) -> Result
    ) throws(LetheError) -> Result {
        let sizeNow = try MappedFile.size(of: descriptor, path)
        guard range.lowerBound >= 0, range.upperBound <= min(sizeBytes, sizeNow) else {
            throw LetheError(
                code: .integrity,
                message: "\(path) ends at byte \(sizeNow), before byte \(range.upperBound).",
                remedy: "Fetch the file again; it was cut off while it was in use.")
        }
        let window = unsafe UnsafeRawBufferPointer(start: base, count: sizeBytes)[range]
        let span = unsafe UnsafeRawBufferPointer(rebasing: window).bytes
        let result = try body(span)
        extendLifetime(self)
        return result
    }

    private static func size(of descriptor: Int32, _ path: String) throws(LetheError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw fileError("read", path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw LetheError(
                code: .io, message: "\(path) is no regular file.", remedy: "Give a file.")
        }
        return Int(status.st_size)
    }

    private static func map(
        _ descriptor: Int32, _ size: Int, _ path: String
    ) throws(LetheError) -> UnsafeRawPointer? {
        guard size > 0 else { return nil }
        let address = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw fileError("map", path, errno)
        }
        return UnsafeRawPointer(address)
    }
}
