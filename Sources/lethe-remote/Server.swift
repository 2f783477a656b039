internal import Foundation
internal import FoundationNetworking
internal import LetheCommandLine
internal import LetheRecords

/// A server of a registry, asked with a token.
struct Server: Sendable {
    /// An answer that is here as a whole.
    struct Answer: Sendable {
        let status: Int
        let fields: [String: String]
        let body: [UInt8]

        var json: JSONValue { (try? StrictJSON.parse(body)) ?? .null }
    }

    let url: URL
    let token: String?
    let asJSON: Bool
    private let client = HTTPClient()

    init(url: URL, token: String?, asJSON: Bool) {
        self.url = url
        self.token = token
        self.asJSON = asJSON
    }

    /// Where a path lies; its components are escaped one by one.
    private func address(_ path: [String], _ query: [String: String]) -> URL {
        let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        func escape(_ text: String) -> String {
            text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        }
        var text = url.absoluteString
        if text.hasSuffix("/") { text.removeLast() }
        text += path.map { "/" + escape($0) }.joined()
        let fields = query.sorted { $0.key < $1.key }.map { "\(escape($0))=\(escape($1))" }
        if !fields.isEmpty { text += "?" + fields.joined(separator: "&") }
        return URL(string: text) ?? url
    }

    /// A request of the own API (`/api/v1`), or of any other address.
    func request(
        _ method: String, _ path: [String], query: [String: String] = [:],
        isOwn: Bool = true, fields: [String: String] = [:], body: [UInt8]? = nil
    ) -> URLRequest {
        var request = URLRequest(url: address((isOwn ? ["api", "v1"] : []) + path, query))
        request.httpMethod = method
        request.setValue(
            asJSON || body != nil ? "application/json" : "text/plain", forHTTPHeaderField: "Accept")
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        for (name, value) in fields { request.setValue(value, forHTTPHeaderField: name) }
        if let body {
            request.httpBody = Data(body)
            if fields["Content-Type"] == nil {
                request.setValue("application/json", forHTTPHeaderField: "Content-Type")
            }
        }
        return request
    }

    /// Sends a request and hands over the body as it arrives.
    ///
    /// - Throws: what the server says with a status that is no success; `io` if it is not reached.
    func stream(
        _ request: URLRequest, _ body: (Data) throws -> Void
    ) async throws -> Answer {
        var status = 0
        var fields: [String: String] = [:]
        var refusal: [UInt8] = []
        do {
            for try await piece in client.send(request) {
                switch piece {
                case .head(let code, let found): (status, fields) = (code, found)
                case .bytes(let data):
                    if (200..<300).contains(status) {
                        try body(data)
                    } else if refusal.count < 1 << 20 {
                        refusal += data
                    }
                }
            }
        } catch let error as URLError {
            throw LetheError(
                code: .io, message: "\(url.absoluteString) does not answer.",
                remedy: "Is the server running, and is the address right?", cause: error)
        }
        try Task.checkCancellation()
        guard (200..<300).contains(status) else {
            throw Refusal(status: status, fields: fields, body: refusal)
        }
        return Answer(status: status, fields: fields, body: [])
    }

    /// Sends a request and waits for the whole answer.
    func ask(_ request: URLRequest) async throws -> Answer {
        var bytes: [UInt8] = []
        do {
            let head = try await stream(request) { bytes += $0 }
            return Answer(status: head.status, fields: head.fields, body: bytes)
        } catch let refusal as Refusal {
            throw refusal.error
        }
    }

    /// Writes what a reading verb answers, as it came.
    func show(_ path: [String], query: [String: String] = [:]) async throws {
        let answer = try await ask(request("GET", path, query: query))
        try FileHandle.standardOutput.write(contentsOf: Data(answer.body))
    }
}

/// A status that is no success, with what the server says.
struct Refusal: Error {
    let status: Int
    let fields: [String: String]
    let body: [UInt8]

    /// Every code that a server tells.
    private static let codes: [ErrorCode] = [
        .invalidArgument, .notFound, .alreadyExists, .malformed, .unsupported, .labelMismatch, .io,
        .diskFull, .tensor, .device, .numerical, .goalNotReached, .interrupted, .gateFailed,
        .integrity, .refused, .conflict,
    ]

    /// The error as the command at the machine would have given it.
    var error: LetheError {
        let value = (try? StrictJSON.parse(body))?["error"] ?? .null
        if let name = value["code"]?.stringValue, let message = value["message"]?.stringValue {
            return LetheError(
                code: Self.codes.first { $0.description == name } ?? .io, message: message,
                remedy: value["remedy"]?.stringValue)
        }
        let code: ErrorCode =
            switch status {
            case 401, 403: .refused
            case 404: .notFound
            default: .io
            }
        return LetheError(
            code: code, message: value.stringValue ?? "The server answered \(status).",
            remedy: status == 401 ? "Put a token of this server in LETHE_TOKEN." : nil)
    }
}
