internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords

extension Failure {
    /// A failure in the own API's words.
    static func own(
        _ status: HTTPResponse.Status, _ code: ErrorCode, _ message: String,
        _ remedy: String? = nil,
        headers: HTTPFields = [:], cause: String? = nil
    ) -> Failure {
        var failure = Failure(
            status: status, message: message, headers: headers, cause: cause ?? message)
        failure.error = LetheError(code: code, message: message, remedy: remedy)
        return failure
    }

    /// What the command itself says with `--json` when it fails, with the status that fits.
    static func own(_ error: LetheError) -> Failure {
        var failure = Failure(
            status: status(of: error.code), message: error.message, cause: "\(error.code)")
        failure.error = error
        return failure
    }

    static let noJob = own(
        .notFound, .notFound, "There is no such job, or you may not see it.",
        "Jobs are listed at /api/v1/jobs.")

    /// The body of an own failure: the object that `--json` writes to standard error.
    var ownResponse: Response {
        let error = error ?? LetheError(code: Self.code(of: status), message: message)
        var response = Response.json(
            ["error": error.json], status: status)
        for field in headers { response.headers[field.name] = field.value }
        return response
    }

    private static func status(of code: ErrorCode) -> HTTPResponse.Status {
        switch code {
        case .invalidArgument, .malformed, .unsupported, .labelMismatch: .unprocessableContent
        case .notFound: .notFound
        case .alreadyExists, .conflict: .conflict
        case .refused: .forbidden
        default: .internalServerError
        }
    }

    private static func code(of status: HTTPResponse.Status) -> ErrorCode {
        switch status.code {
        case 401, 403: .refused
        case 404: .notFound
        case 409: .conflict
        case 400..<500: .invalidArgument
        default: .io
        }
    }
}

/// Errors as `--json` writes them.
enum OwnError {
    /// Reads a line of standard error; nil if it is no error.
    static func read(_ line: some StringProtocol) -> LetheError? {
        (try? StrictJSON.parse(Array(line.utf8)))?["error"].flatMap { LetheError(json: $0) }
    }
}
