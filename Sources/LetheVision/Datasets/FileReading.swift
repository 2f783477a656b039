import Foundation
import LetheRecords

/// Reads files with a limit and with errors that name the file, not its folder.
enum FileReading {
    static func whole(_ url: URL, maximumSizeBytes: Int) throws(LetheError) -> [UInt8] {
        let size = try sizeBytes(of: url)
        guard size <= maximumSizeBytes else {
            throw LetheError(
                code: .malformed,
                message: "\(url.lastPathComponent) has \(size) bytes, more than the "
                    + "\(maximumSizeBytes) that such a file may have.")
        }
        return try range(of: url, offset: 0, count: size)
    }

    /// - Throws: `malformed` if the file ends before `offset + count`.
    static func range(of url: URL, offset: Int, count: Int) throws(LetheError) -> [UInt8] {
        let bytes: [UInt8]
        do {
            let file = try FileHandle(forReadingFrom: url)
            defer { try? file.close() }
            if offset > 0 { try file.seek(toOffset: UInt64(offset)) }
            bytes = [UInt8](try file.read(upToCount: count) ?? Data())
        } catch {
            throw unreadable(url, error)
        }
        guard bytes.count == count else {
            throw LetheError(
                code: .malformed, message: "\(url.lastPathComponent) ends early.",
                remedy: "Restore the file from its source.")
        }
        return bytes
    }

    static func sizeBytes(of url: URL) throws(LetheError) -> Int {
        do {
            return Int(try status(of: url.path, followsLinks: true).st_size)
        } catch {
            throw unreadable(url, error)
        }
    }

    /// What the system knows of a file.
    ///
    /// `attributesOfItem` would look its owner up among all users and groups, too, image by image.
    static func status(of path: String, followsLinks: Bool) throws(POSIXError) -> stat {
        var status = stat()
        let code = unsafe followsLinks ? stat(path, &status) : lstat(path, &status)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return status
    }

    static func exists(_ url: URL) -> Bool {
        FileManager.default.fileExists(atPath: url.path)
    }

    /// The text of a UTF-8 file, line by line, without empty lines.
    static func lines(of url: URL, maximumSizeBytes: Int = 256 << 20) throws(LetheError) -> [String]
    {
        let bytes = try whole(url, maximumSizeBytes: maximumSizeBytes)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw LetheError(
                code: .malformed, message: "\(url.lastPathComponent) is not UTF-8 text.")
        }
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }

    private static func unreadable(_ url: URL, _ error: any Error) -> LetheError {
        LetheError(
            code: FileManager.default.fileExists(atPath: url.path) ? .io : .notFound,
            message: "\(url.lastPathComponent) cannot be read.",
            remedy: "Check the path and its permissions.", cause: error)
    }
}
