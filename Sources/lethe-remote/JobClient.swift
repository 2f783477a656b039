internal import ArgumentParser
internal import Foundation
internal import LetheRecords

/// Has a job done: asks for it, listens until it is over, and writes what the command answered.
struct JobClient {
    /// How long it tries to reach a server that is being started again.
    static let patienceSeconds = 60.0

    let server: Server
    let isQuiet: Bool

    /// - Throws: the command's error, or its exit code if a gate did not hold.
    func run(_ verb: String, of model: String, _ order: JSONValue) async throws {
        // However often it has to be sent, it is one job.
        let key = UUID().uuidString
        let body = try CanonicalJSON.encode(order)
        let job = try await patiently {
            try await server.ask(
                server.request(
                    "POST", ["models", model, verb], fields: ["Idempotency-Key": key], body: body))
        }
        guard let id = job.json["id"]?.stringValue else {
            throw LetheError(code: .io, message: "The server gave no job.")
        }
        do {
            try await wait(for: id)
        } catch is CancellationError {
            throw LetheError(
                code: .interrupted, message: "The job \(id) goes on at the server.",
                remedy: "Take it back with lethe --remote \(server.url.absoluteString) jobs cancel "
                    + "\(id), or wait for it with jobs wait.")
        }
        try await answer(of: id)
    }

    /// Writes the answer of a job that is over.
    func answer(of id: String) async throws {
        let answer = try await patiently {
            try await server.ask(server.request("GET", ["jobs", id, "answer"]))
        }
        try FileHandle.standardOutput.write(contentsOf: Data(answer.body))
        if let text = answer.fields["lethe-exit-code"], let code = Int32(text), code != 0 {
            throw ExitCode(code)
        }
    }

    /// Listens until a job is over, also across a server that is started again.
    func wait(for id: String) async throws {
        var events = EventReader()
        while !events.isOver {
            // An end without the last event, or in the middle of one: the server is going away.
            try await patiently { try await listen(to: id, &events) }
            if !events.isOver { try await Task.sleep(for: .milliseconds(300)) }
        }
    }

    /// Listens until the server says no more.
    private func listen(to id: String, _ events: inout EventReader) async throws {
        events.forgetHalf()
        var hasHeard = false
        let request = server.request(
            "GET", ["jobs", id, "events"],
            fields: ["Last-Event-ID": "\(events.lastID)", "Accept": "text/event-stream"])
        do {
            _ = try await server.stream(request) { bytes in
                hasHeard = true
                for event in try events.read(bytes) { show(event) }
            }
        } catch let refusal as Refusal {
            throw refusal.error
        } catch let error as LetheError where error.code == .io && hasHeard {
            // It was there until now, so patience begins anew.
        }
    }

    private func show(_ event: EventReader.Event) {
        guard !isQuiet, event.name == "progress" else { return }
        if server.asJSON { return write(event.data) }
        guard let value = try? StrictJSON.parse(Array(event.data.utf8)),
            let phase = value["phase"]?.stringValue, let done = value["done"]?.integerValue,
            let total = value["total"]?.integerValue
        else { return }
        write("\(phase) \(done)/\(total)")
    }

    private func write(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Does something again as long as the server does not answer, for a minute.
    private func patiently<Result>(_ body: () async throws -> Result) async throws -> Result {
        let start = Date()
        while true {
            do {
                return try await body()
            } catch let error as LetheError
                where error.code == .io && -start.timeIntervalSinceNow < Self.patienceSeconds
            {
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }
}

/// Takes server-sent events out of what arrives.
struct EventReader {
    struct Event {
        let name: String
        let data: String
    }

    /// The number of the last event that arrived whole.
    private(set) var lastID = 0
    /// Whether an event said that the job is over.
    private(set) var isOver = false
    private var rest: [UInt8] = []

    /// The events that are whole now.
    ///
    /// - Throws: `malformed` for an event that does not end.
    mutating func read(_ bytes: [UInt8]) throws(LetheError) -> [Event] {
        rest += bytes
        var events: [Event] = []
        while let end = rest.firstRange(of: Array("\n\n".utf8)) {
            let text = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            rest.removeSubrange(..<end.upperBound)
            if let event = take(text) { events.append(event) }
        }
        guard rest.count < 1 << 20 else {
            throw LetheError(code: .malformed, message: "The server says an event without an end.")
        }
        return events
    }

    /// What was begun and cut off comes again, from its beginning.
    mutating func forgetHalf() { rest = [] }

    private mutating func take(_ text: String) -> Event? {
        var fields: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix(":") {
            let halves = line.split(separator: ":", maxSplits: 1)
            if halves.count == 2 { fields[String(halves[0])] = String(halves[1].dropFirst()) }
        }
        guard let name = fields["event"], let data = fields["data"] else { return nil }
        if let id = fields["id"].flatMap({ Int($0) }) { lastID = id }
        if name == "state", let value = try? StrictJSON.parse(Array(data.utf8)) {
            isOver = ["done", "failed", "cancelled"].contains(value["state"]?.stringValue ?? "")
        }
        return Event(name: name, data: data)
    }
}
