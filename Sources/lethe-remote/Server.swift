internal import Foundation
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
    let transport: Transport

    /// The longest answer that is taken as a whole.
    static let answerLimitBytes = 1 << 30

    /// Where a path lies; its components are escaped one by one.
    private func address(_ path: [String], _ query: [String: String]) -> String {
        let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        func escape(_ text: String) -> String {
            text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        }
        var text = url.absoluteString
        if text.hasSuffix("/") { text.removeLast() }
        text += path.map { "/" + escape($0) }.joined()
        let fields = query.sorted { $0.key < $1.key }.map { "\(escape($0))=\(escape($1))" }
        if !fields.isEmpty { text += "?" + fields.joined(separator: "&") }
        return text
    }

    /// A request of the own API (`/api/v1`), or of any other address.
    func request(
        _ method: String, _ path: [String], query: [String: String] = [:],
        isOwn: Bool = true, fields: [String: String] = [:], body: [UInt8]? = nil
    ) -> Request {
        var all = ["Accept": asJSON || body != nil ? "application/json" : "text/plain"]
        all["Authorization"] = token.map { "Bearer \($0)" }
        if body != nil { all["Content-Type"] = "application/json" }
        return Request(
            method: method, address: address((isOwn ? ["api", "v1"] : []) + path, query),
            fields: all.merging(fields) { $1 }, body: body)
    }

    /// Sends a request and hands over the body as it arrives.
    ///
    /// - Throws: what the server says with a status that is no success (`Refusal`); what
    ///   `Transport` throws.
    func stream(
        _ request: Request, _ take: ([UInt8]) throws -> Void
    ) async throws -> Answer {
        try await streamWithHead(request) { _, bytes in try take(bytes) }
    }

    /// The same, told how the answer begins.
    func streamWithHead(
        _ request: Request, _ take: (Transport.Head, [UInt8]) throws -> Void
    ) async throws -> Answer {
        var refusal: [UInt8] = []
        let head = try await transport.send(request) { head, bytes in
            if (200..<300).contains(head.status) {
                try take(head, bytes)
            } else if refusal.count < 1 << 20 {
                refusal += bytes
            }
        }
        guard (200..<300).contains(head.status) else {
            throw Refusal(status: head.status, fields: head.fields, body: refusal)
        }
        return Answer(status: head.status, fields: head.fields, body: [])
    }

    /// Sends a request and waits for the whole answer.
    func ask(_ request: Request) async throws -> Answer {
        var bytes: [UInt8] = []
        do {
            let head = try await stream(request) { piece in
                bytes += piece
                guard bytes.count <= Self.answerLimitBytes else {
                    throw LetheError(
                        code: .malformed, message: "The server's answer does not end.",
                        remedy: "Tell its operator.")
                }
            }
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

    /// The error as the command at the machine would have given it.
    var error: LetheError {
        let value = (try? StrictJSON.parse(body))?["error"] ?? .null
        if let said = LetheError(json: value) { return said }
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
