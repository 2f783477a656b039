internal import Foundation
internal import HTTPTypes
internal import LetheRecords
internal import LetheRegistry
internal import Synchronization

/// The command `lethe`, run for a client: what it answers is, byte for byte, what it answers to
/// somebody at the machine.
///
/// Arguments are made by the server from values that it has checked; no client's text becomes an
/// option or a path.
struct LetheCommand: Sendable {
    /// What it answered.
    struct Answer: Sendable {
        let exitCode: Int32
        /// The one JSON document.
        let json: [UInt8]
        /// What a person would have read.
        let text: [UInt8]
        let error: LetheError?
    }

    /// Where the command puts the words for a person when it answers with JSON.
    static let textVariable = "LETHE_TEXT_COPY"
    /// How many run at once for readers; others wait.
    static let readerCount = 4

    let executable: URL
    let registry: URL
    let keys: URL?
    private let turns = Turns(count: readerCount)

    init(_ settings: ServerSettings, registry: URL) {
        let own = Bundle.main.executableURL?.resolvingSymlinksInPath()
        executable =
            settings.command ?? own?.deletingLastPathComponent().appending(path: "lethe")
            ?? URL(fileURLWithPath: "lethe")
        self.registry = registry
        keys = settings.keys
    }

    /// What stands in for this machine's folders in messages.
    var redaction: Redaction {
        Redaction(
            [
                (registry, "the registry"), (FileManager.default.temporaryDirectory, "a folder"),
                (FileManager.default.homeDirectoryForCurrentUser, "~"),
            ] + (keys.map { [($0, "the keys")] } ?? []))
    }

    /// A process that is ready to run; output and errors go where the caller says.
    func process(_ arguments: [String], needsKeys: Bool, text: URL) -> Process {
        let process = Process()
        process.executableURL = executable
        var all = arguments + ["--json", "--registry", registry.path]
        if needsKeys, let keys { all += ["--keys", keys.path] }
        process.arguments = all
        process.currentDirectoryURL = text.deletingLastPathComponent()
        var environment = ProcessInfo.processInfo.environment
        environment[Self.textVariable] = text.path
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// One side of a conversation of two registries, ready to run.
    func exchange(_ direction: String) -> Process {
        let process = Process()
        process.executableURL = executable
        process.arguments =
            ["exchange", direction, "--hide-folders", "--registry", registry.path]
            + (keys.map { ["--keys", $0.path] } ?? [])
        return process
    }

    /// Runs a command that only reads, when it is its turn.
    ///
    /// - Throws: `Failure` where too many wait; `io`.
    func read(_ arguments: [String]) async throws -> Answer {
        try await turns.wait()
        defer { turns.end() }
        return try await run(arguments)
    }

    private func run(_ arguments: [String]) async throws -> Answer {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "lethe-read-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let names = ["text", "answer", "errors"].map { folder.appending(path: $0) }
        for url in names { try Data().write(to: url) }
        let process = process(arguments, needsKeys: false, text: names[0])
        process.standardOutput = try FileHandle(forWritingTo: names[1])
        process.standardError = try FileHandle(forWritingTo: names[2])
        let exitCode = try await process.runToItsEnd()
        let errors = String(decoding: try Data(contentsOf: names[2]), as: UTF8.self)
        return Answer(
            exitCode: exitCode, json: [UInt8](try Data(contentsOf: names[1])),
            text: [UInt8](try Data(contentsOf: names[0])),
            error: errors.split(separator: "\n").last.flatMap { OwnError.read($0) })
    }
}

extension Process {
    /// Starts it and waits; 128 and more is the number of the signal that ended it.
    func runToItsEnd(onStart: @Sendable (Int32) -> Void = { _ in }) async throws -> Int32 {
        let (ends, end) = AsyncStream<Int32>.makeStream()
        terminationHandler = { process in
            let status = process.terminationStatus
            end.yield(process.terminationReason == .uncaughtSignal ? 128 + status : status)
            end.finish()
        }
        try run()
        onStart(processIdentifier)
        // Not cancelled with the task: whoever wants it to end tells the process.
        return await Task.detached { await ends.first { _ in true } ?? 1 }.value
    }
}

/// So many at once; the others wait in line, up to a limit.
private final class Turns: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private static let waitingLimit = 64
    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(free: count)) }

    func wait() async throws {
        let isCrowded = state.withLock { $0.free == 0 && $0.waiting.count >= Self.waitingLimit }
        if isCrowded {
            throw Failure.own(
                .serviceUnavailable, .io, "Too many ask at once.", "Ask again in a moment.",
                headers: [.retryAfter: "1"])
        }
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func end() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
