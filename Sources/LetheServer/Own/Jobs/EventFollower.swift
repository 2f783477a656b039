internal import Foundation
internal import LetheRecords
internal import ServiceLifecycle

/// Reads the events of a job as they are written, and says them as server-sent events.
struct EventFollower: Sendable {
    /// How often it looks for new events.
    static let interval = Duration.milliseconds(200)
    /// After how many looks without an event something is said, so that nobody hangs up.
    static let quietLooks = 50
    /// The longest line that is passed on.
    static let lineLimitBytes = 16 << 10

    let url: URL
    let redaction: Redaction
    /// Whoever reads.
    let token: AccessToken?
    /// The number of the last event that the client has.
    let after: Int

    /// Says every event until the job is over, or the server ends.
    func follow(_ say: (String) async throws -> Void) async throws {
        let handle = try FileHandle(forReadingFrom: url)
        defer { try? handle.close() }
        var rest: [UInt8] = []
        var number = 0
        var quiet = 0
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let more = try handle.read(upToCount: 1 << 20) ?? Data()
            guard !more.isEmpty else {
                quiet += 1
                if quiet % Self.quietLooks == 0 { try await say(": waiting\n\n") }
                try await Task.sleep(for: Self.interval)
                continue
            }
            quiet = 0
            rest += more
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(rest[..<end])
                rest.removeSubrange(...end)
                guard let event = event(line) else { continue }
                number += 1
                if number > after {
                    try await say("id: \(number)\nevent: \(event.name)\ndata: \(event.data)\n\n")
                }
                if event.isLast { return }
            }
        }
    }

    /// An event in a line of the file; nil for what only the server needs and for words that are
    /// no event.
    private func event(_ line: [UInt8]) -> (name: String, data: String, isLast: Bool)? {
        guard line.count <= Self.lineLimitBytes, let value = try? StrictJSON.parse(line),
            let members = value.objectValue
        else { return nil }
        if let text = members["state"]?.stringValue, let state = Job.State(rawValue: text) {
            return data(value).map { ("state", $0, state.isOver) }
        }
        if let error = OwnError.read(String(decoding: line, as: UTF8.self)) {
            return data(["error": redaction.error(error, for: token).json])
                .map { ("error", $0, false) }
        }
        guard members["phase"] != nil else { return nil }
        return data(value).map { ("progress", $0, false) }
    }

    private func data(_ value: JSONValue) -> String? {
        (try? CanonicalJSON.encode(value)).map { String(decoding: $0, as: UTF8.self) }
    }
}
