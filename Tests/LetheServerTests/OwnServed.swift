import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

extension Served {
    /// A server whose jobs run an engine and a judge without tensors.
    convenience init(jobs tiny: TinyRegistry, _ arguments: String...) throws {
        let worker = Locations.products.appending(path: "lethe-crash-worker")
        try self.init(
            tiny, with: ["--keys", tiny.keysFolder.path, "--command", worker.path] + arguments)
    }

    /// Asks the own API with a token.
    func ask(
        _ method: String, _ path: String, _ token: String?, _ body: String? = nil,
        _ headers: [String] = [], seconds: Int = 20
    ) throws -> Answer {
        var arguments = ["-X", method, "-m", "\(seconds)"]
        if method == "HEAD" { arguments = ["-I"] }
        if let token { arguments += ["-H", "Authorization: Bearer \(token)"] }
        if let body { arguments += ["--data-binary", body] }
        return try curl("/api/v1" + path, with: arguments + headers.flatMap { ["-H", $0] })
    }

    /// Waits for a job by listening to its events; gives what was heard.
    func listen(_ id: String, _ token: String, after: Int? = nil) throws -> String {
        let headers = after.map { ["Last-Event-ID: \($0)"] } ?? []
        let answer = try ask("GET", "/jobs/\(id)/events", token, nil, headers, seconds: 60)
        #expect(answer.exit == 0 && answer.status == 200)
        return String(decoding: answer.body, as: UTF8.self)
    }
}

extension Answer {
    /// The body as JSON.
    var json: JSONValue { (try? StrictJSON.parse(Array(body))) ?? .null }

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The code of the error that it tells.
    var code: String? { json["error"]?["code"]?.stringValue }

    /// The id of the job or upload that it tells.
    var id: String { json["id"]?.stringValue ?? "" }
}

extension TinyRegistry {
    /// A registry with a model and a dataset, nothing forgotten.
    static func ready() async throws -> TinyRegistry {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        return tiny
    }

    /// Makes forgetting wait in its middle, until `release`.
    func hold() throws { try Data().write(to: outside.appending(path: "hold")) }

    /// Lets it go on.
    func release() throws {
        try FileManager.default.removeItem(at: outside.appending(path: "hold"))
    }
}
