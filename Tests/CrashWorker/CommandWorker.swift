import Foundation
import Glibc
import LetheRecords
import LetheRegistry
import TestSupport

/// Stands in for `lethe` under a server: the same verbs on a tiny registry, with an engine and a
/// judge without tensors.
///
/// While there is a file `hold` beside the keys, forgetting waits after its first step; so a test
/// says when the server is killed.
struct CommandWorker {
    static let verbs = Set(["publish", "forget", "verify", "certify"]).union(readers)
    /// What the real command does on a tiny registry as on any other.
    private static let readers: Set = ["log", "show", "aliases", "trace", "requests"]

    private let arguments: [String]

    init(_ arguments: [String]) { self.arguments = arguments }

    /// Runs the verb and gives the exit code.
    func run() async -> Int32 {
        if Self.readers.contains(arguments[0]) { return read() }
        do throws(LetheError) {
            let value = try await answer()
            if let path = ProcessInfo.processInfo.environment["LETHE_TEXT_COPY"] {
                try? Data("in words\n".utf8).write(to: URL(fileURLWithPath: path))
            }
            print(PrettyJSON.text(value))
            return 0
        } catch {
            let value: JSONValue = [
                "error": [
                    "code": .string(error.code.description), "message": .string(error.message),
                    "remedy": error.remedy.map(JSONValue.string) ?? .null, "cause": .null,
                ]
            ]
            say(value)
            return error.code.exitCode
        }
    }

    private func read() -> Int32 {
        let process = Process()
        process.executableURL = Locations.products.appending(path: "lethe")
        process.arguments = arguments
        do { try process.run() } catch { return 1 }
        process.waitUntilExit()
        return process.terminationStatus
    }

    private func option(_ name: String) -> String? {
        if let index = arguments.firstIndex(of: "--\(name)"), index + 1 < arguments.count {
            return arguments[index + 1]
        }
        let prefix = "--\(name)="
        return arguments.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }

    private func say(_ value: JSONValue) {
        let line = ((try? CanonicalJSON.encode(value)) ?? []) + [UInt8(ascii: "\n")]
        try? FileHandle.standardError.write(contentsOf: Data(line))
    }

    private func answer() async throws(LetheError) -> JSONValue {
        let keys = URL(fileURLWithPath: option("keys") ?? "")
        let tiny = TinyRegistry(
            root: URL(fileURLWithPath: option("registry") ?? ""),
            outside: keys.deletingLastPathComponent())
        let registry = try tiny.open()
        switch arguments[0] {
        case "publish":
            return json(
                try await tiny.publish(
                    URL(fileURLWithPath: arguments[2]), as: arguments[1], in: registry))
        case "forget":
            let classes = arguments.drop { $0 != "--class" }.dropFirst().prefix { Int($0) != nil }
            guard arguments[1] == TinyRegistry.model else {
                return json(try registry.resolve(Revision(arguments[1])))
            }
            return json(
                try await tiny.forget(
                    classes.compactMap { Int($0) }, engine: engine(tiny), in: registry))
        case "certify":
            let outcome = try await tiny.certify(in: registry)
            return ["certified": outcome.certified.map { json($0) } ?? .null]
        default:
            return ["gates": [["held": .bool(option("split") != "bad")]]]
        }
    }

    private func json(_ version: Version) -> JSONValue { ["version": .string(version.name)] }

    /// Goes one step, then waits while it is told to.
    private func engine(_ tiny: TinyRegistry) -> FakeEngine {
        FakeEngine { () async throws(LetheError) in
            say([
                "phase": "forgetting", "done": 1, "total": 2, "figures": ["forgotten": 0.5],
            ])
            let hold = tiny.outside.appending(path: "hold").path
            var isStopped = false
            while FileManager.default.fileExists(atPath: hold), !isStopped {
                usleep(20_000)
                isStopped = Task.isCancelled
            }
        }
    }
}
