internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords

/// git's own server, run for one request (git-http-backend, RFC 3875).
///
/// It sees a folder that has the references of one model and nothing else, an environment that is
/// made here, and a body of limited length. It is not told that the client speaks a newer protocol:
/// in version 2 git gives any object to whoever knows its name.
struct GitBackend: Sendable {
    let folder: URL
    let model: String
    let request: Request

    /// Runs git; gives its answer, whose body is still being written.
    func answer(
        to body: [UInt8], isUpload: Bool, report: AnswerReport
    ) async throws(LetheError) -> Response {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "http-backend"]
        process.environment = environment(bodySizeBytes: body.count, isUpload: isUpload)
        process.currentDirectoryURL = folder
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        do {
            let file = folder.appending(path: "body")
            try Data(body).write(to: file)
            process.standardInput = try FileHandle(forReadingFrom: file)
            try process.run()
        } catch {
            throw LetheError(
                code: .io, message: "git cannot be started.",
                remedy: "Install git on the machine of the server.", cause: error)
        }
        let child = GitChild(
            process: process, output: output.fileHandleForReading, folder: folder)
        let (fields, rest) = try child.head()
        guard fields["status"] == nil || fields["status"]?.hasPrefix("200") == true else {
            throw LetheError(
                code: .io, message: "git refused the request: \(fields["status"] ?? "").")
        }
        var headers: HTTPFields = [.cacheControl: "no-cache"]
        headers[.contentType] = fields["content-type"]
        return Response(
            status: .ok, headers: headers,
            body: child.body(after: rest, report: report))
    }

    private func environment(bodySizeBytes: Int, isUpload: Bool) -> [String: String] {
        var environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path, "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_PROJECT_ROOT": folder.path, "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": isUpload ? "POST" : "GET",
            "PATH_INFO": "/\(model).git/" + (isUpload ? "git-upload-pack" : "info/refs"),
            "QUERY_STRING": isUpload ? "" : "service=git-upload-pack",
            "CONTENT_LENGTH": "\(bodySizeBytes)",
        ]
        if isUpload { environment["CONTENT_TYPE"] = "application/x-git-upload-pack-request" }
        if request.headers[.contentEncoding] == "gzip" {
            environment["HTTP_CONTENT_ENCODING"] = "gzip"
        }
        return environment
    }
}

/// A running git; it ends, and its folder goes, when nobody waits for its answer any more.
private final class GitChild: Sendable {
    private let process: Process
    private let output: FileHandle
    private let folder: URL

    init(process: Process, output: FileHandle, folder: URL) {
        self.process = process
        self.output = output
        self.folder = folder
    }

    deinit {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The fields before the first empty line, and what of the body came with them.
    func head() throws(LetheError) -> (fields: [String: String], rest: [UInt8]) {
        var bytes: [UInt8] = []
        let gap = Array("\r\n\r\n".utf8)
        while bytes.count < 1 << 16 {
            let more = output.availableData
            bytes += more
            if let range = bytes.firstRange(of: gap) {
                let text = String(decoding: bytes[..<range.lowerBound], as: UTF8.self)
                return (Self.fields(text), Array(bytes[range.upperBound...]))
            }
            if more.isEmpty { break }
        }
        throw LetheError(code: .io, message: "git gave no answer.")
    }

    private static func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text.split(separator: "\r\n") {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2 else { continue }
            fields[halves[0].lowercased()] = String(halves[1].drop { $0 == " " })
        }
        return fields
    }

    /// The rest of what git writes.
    func body(after first: [UInt8], report: AnswerReport) -> ResponseBody {
        report.isStreaming()
        return ResponseBody { [self] writer in
            let pieces = PieceStream { [self] (send) throws(LetheError) in
                if !first.isEmpty { try send(first) }
                while case let more = output.availableData, !more.isEmpty {
                    try send([UInt8](more))
                }
            }
            defer { pieces.cancel() }
            for try await piece in pieces.pieces {
                try await writer.write(ByteBuffer(bytes: piece))
                report.sent(piece.count)
                pieces.sent()
            }
            try await writer.finish(nil)
            report.finished()
        }
    }
}
