internal import Foundation
internal import Glibc
internal import HTTPTypes
internal import LetheRecords
internal import LetheRegistry
internal import Synchronization

/// The jobs of a registry, on the disk and in memory.
///
/// `jobs/<id>.json` says what is asked and how far it is; it is durable before a client is told.
/// Beside it lie `.events` (what happened, a JSON object a line), `.answer` and `.text` (what the
/// command answered), and `.samples` (the names of samples, only until the job is over).
final class JobBook: Sendable {
    /// How many unfinished jobs one token may have.
    static let limitPerToken = 8
    /// How many unfinished jobs there may be.
    static let limit = 64
    /// After how long a finished job is forgotten.
    static let keptSeconds: Int64 = 30 * 24 * 3600

    private let registry: Registry
    private let jobs = Mutex<[String: Job]>([:])

    init(_ registry: Registry) { self.registry = registry }

    /// The folder of the jobs, which is made if need be.
    func folder() throws(LetheError) -> ServerFolder {
        try registry.serverFolder().folder("jobs")
    }

    /// A file of a job.
    func file(_ id: String, _ ending: String) -> URL {
        registry.folder.appending(path: "server/jobs/\(id).\(ending)")
    }

    /// Reads what is on the disk; what is over for long is removed.
    func load() throws(LetheError) {
        guard registry.hasServerFolder else { return }
        let folder = try folder()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.url.path)) ?? []
        let oldest = Timestamp(Date()).secondsSince1970 - Self.keptSeconds
        for name in names where name.hasSuffix(".json") && Job.isID(String(name.dropLast(5))) {
            let url = folder.url.appending(path: name)
            guard let data = try? Data(contentsOf: url),
                let job = try? JSONDecoder().decode(Job.self, from: data)
            else { continue }
            if let ended = job.ended, ended.secondsSince1970 < oldest {
                remove(job.id)
            } else {
                jobs.withLock { $0[job.id] = job }
            }
        }
    }

    private func remove(_ id: String) {
        for ending in ["events", "answer", "text", "samples", "json"] {
            try? FileManager.default.removeItem(at: file(id, ending))
        }
        try? FileManager.default.removeItem(at: file(id, "model"))
    }

    /// Takes a job in, durably; or gives the one that the same client asked for by the same key.
    ///
    /// - Throws: `Failure` where there are too many, or where the key was used for something else.
    func add(_ job: Job, samples: [String]?) throws -> (job: Job, isNew: Bool) {
        let folder = try folder()
        return try jobs.withLock { jobs in
            if let key = job.key,
                let known = jobs.values.first(where: { $0.key == key && $0.token == job.token })
            {
                guard known.verb == job.verb, known.model == job.model, known.order == job.order
                else {
                    throw Failure.own(
                        .unprocessableContent, .invalidArgument,
                        "The Idempotency-Key belongs to another order.")
                }
                return (known, false)
            }
            let open = jobs.values.filter { !$0.state.isOver }
            guard open.count < Self.limit,
                open.count(where: { $0.token == job.token }) < Self.limitPerToken
            else {
                throw Failure.own(
                    .tooManyRequests, .refused, "Too many jobs wait already.",
                    "Ask again when one of them is over.", headers: [.retryAfter: "30"])
            }
            var job = job
            job.number = (jobs.values.map(\.number).max() ?? 0) + 1
            if let samples { try write(samples, of: job) }
            try folder.write(Self.bytes(job), to: "\(job.id).json")
            try note(job)
            jobs[job.id] = job
            return (job, true)
        }
    }

    /// Keeps names of samples, which may be names of people: for this user only, until the job is
    /// over.
    private func write(_ samples: [String], of job: Job) throws {
        let url = file(job.id, "samples")
        _ = FileManager.default.createFile(
            atPath: url.path, contents: nil, attributes: [.posixPermissions: 0o600])
        let handle = try FileHandle(forWritingTo: url)
        try handle.write(contentsOf: Data((samples.joined(separator: "\n") + "\n").utf8))
        try handle.synchronize()
        try handle.close()
    }

    private static func bytes(_ job: Job) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return [UInt8](try encoder.encode(job))
    }

    /// The job of an id.
    func job(_ id: String) -> Job? { jobs.withLock { $0[id] } }

    /// All jobs, the oldest first.
    var all: [Job] {
        jobs.withLock { Array($0.values) }.sorted { $0.number < $1.number }
    }

    /// The job that is next: one that was begun comes before all that wait.
    var next: Job? {
        let open = all.filter { !$0.state.isOver }
        return open.first { $0.state == .running } ?? open.first
    }

    /// Changes a job, durably, and says so in its events if its state moved.
    @discardableResult
    func change(_ id: String, _ body: @Sendable (inout Job) -> Void) throws -> Job? {
        let folder = try folder()
        return try jobs.withLock { jobs in
            guard var job = jobs[id] else { return nil }
            let before = job.state
            body(&job)
            if job.state.isOver, job.ended == nil { job.ended = Timestamp(Date()) }
            try folder.write(Self.bytes(job), to: "\(id).json")
            jobs[id] = job
            if job.state != before { try note(job) }
            return job
        }
    }

    /// Writes the state of a job to its events.
    func note(_ job: Job) throws {
        var members: [String: JSONValue] = [
            "state": .string(job.state.rawValue), "time": .string(Timestamp(Date()).description),
        ]
        members["exitCode"] = job.exitCode.map { .number(Double($0)) }
        let line = try CanonicalJSON.encode(.object(members)) + [UInt8(ascii: "\n")]
        let handle = try events(of: job.id)
        // A command that was killed may have left half a line.
        try handle.write(contentsOf: Data([UInt8(ascii: "\n")] + line))
        try handle.close()
    }

    /// The file of the events, for adding to its end.
    func events(of id: String) throws -> FileHandle {
        let path = file(id, "events").path
        let handle = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard handle >= 0 else {
            throw LetheError(code: .io, message: "The events of a job cannot be written.")
        }
        return FileHandle(fileDescriptor: handle, closeOnDealloc: true)
    }

    /// Writes where the events of an attempt begin.
    func mark(_ job: Job) throws {
        let handle = try events(of: job.id)
        let line = try CanonicalJSON.encode(["attempt": .number(Double(job.attempts))])
        try handle.write(contentsOf: Data(line + [UInt8(ascii: "\n")]))
        try handle.close()
    }

    /// The events since the command was started last.
    func eventsOfAttempt(_ job: Job) -> [Substring] {
        let text = (try? String(contentsOf: file(job.id, "events"), encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n")
        let start = lines.lastIndex { $0.hasPrefix("{\"attempt\":") } ?? 0
        return Array(lines[start...])
    }
}
