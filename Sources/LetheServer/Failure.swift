internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords

/// A request that is answered with an error, in the shape that clients of the Hub understand: a
/// status, a code in `X-Error-Code` and a sentence in `X-Error-Message`.
struct Failure: Error {
    let status: HTTPResponse.Status
    /// `RepoNotFound`, `RevisionNotFound`, `EntryNotFound` or `GatedRepo`; nil for others.
    var code: String?
    /// What a person reads.
    let message: String
    var headers: HTTPFields = [:]
    /// What only the log gets to know.
    var cause: String?
    /// What the own API says, as the commands do; nil for what only other clients are told.
    var error: LetheError?

    static func noModel(_ name: String) -> Failure {
        Failure(
            status: .notFound, code: "RepoNotFound",
            message: "There is no model \"\(name)\" here, or you may not read it.")
    }

    static func noRevision(_ revision: String, of model: String) -> Failure {
        Failure(
            status: .notFound, code: "RevisionNotFound",
            message: "\(model) has no version \"\(revision)\": main and certified are the newest "
                + "certified version; others are v1, v2 and so on, a commit, or a tag.")
    }

    static func noFile(_ path: String, in version: String) -> Failure {
        Failure(
            status: .notFound, code: "EntryNotFound", message: "\(version) has no file \"\(path)\"."
        )
    }

    static let noSuchPage = Failure(
        status: .notFound, message: "There is nothing at this address.")
    static let badRequest = Failure(
        status: .badRequest, message: "This request cannot be understood.")

    /// What a verb refused; anything but a refusal is the server's own trouble, whose words may
    /// name folders of this machine and go into the log only.
    init(_ error: LetheError) {
        if error.code == .refused {
            self.init(
                status: .forbidden, code: "GatedRepo",
                message: [error.message, error.remedy].compactMap { $0 }.joined(separator: " "))
        } else {
            self.init(
                status: .internalServerError,
                message: "The server cannot read this from its registry; its log says why.",
                cause: "\(error.code): \(error)")
        }
    }

    init(
        status: HTTPResponse.Status, code: String? = nil, message: String,
        headers: HTTPFields = [:], cause: String? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
        self.cause = cause
    }

    /// The answer to git, which shows plain text to people.
    var text: Response {
        var response = response
        response.headers[.contentType] = "text/plain; charset=utf-8"
        response.body = ResponseBody(byteBuffer: ByteBuffer(string: message + "\n"))
        return response
    }

    /// The answer; its body is the sentence once more, as JSON.
    var response: Response {
        var response = Response.json(.object(["error": .string(message)]), status: status)
        for field in headers { response.headers[field.name] = field.value }
        response.headers[.errorCode] = code
        response.headers[.errorMessage] = message.asHeaderValue
        return response
    }
}

extension HTTPField.Name {
    static let errorCode = HTTPField.Name(parsing: "X-Error-Code")
    static let errorMessage = HTTPField.Name(parsing: "X-Error-Message")
    static let repoCommit = HTTPField.Name(parsing: "X-Repo-Commit")
    static let linkedETag = HTTPField.Name(parsing: "X-Linked-Etag")
    static let linkedSize = HTTPField.Name(parsing: "X-Linked-Size")

    /// A name that is written here as a constant.
    private init(parsing name: String) {
        self = HTTPField.Name(name) ?? .contentType
    }
}

extension String {
    /// Printable ASCII on one line, as a header can carry it.
    var asHeaderValue: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.isASCII && $0.value >= 0x20 && $0.value != 0x7F ? $0 : " " }
            ))
    }
}

extension Response {
    /// A JSON document.
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        let bytes = (try? CanonicalJSON.encode(value)) ?? []
        return Response(
            status: status,
            headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-cache"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Plain text.
    static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
