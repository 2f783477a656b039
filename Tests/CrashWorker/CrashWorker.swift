import Foundation
import Glibc
import LetheRecords
import LetheStorage
import Synchronization
import TestSupport

/// Does one operation on a tiny registry and dies when it is told to.
///
///     lethe-crash-worker <operation> <registry> <outside> at <n>       SIGKILL before the n-th step
///     lethe-crash-worker <operation> <registry> <outside> slow <seed>  dawdles at random steps
///     lethe-crash-worker <operation> <registry> <outside> stop 0       SIGSTOP when it is open
///     lethe-crash-worker <operation> <registry> <outside> prepare 0    makes a registry for it
///     lethe-crash-worker <verb> …                                      see CommandWorker
///     lethe-crash-worker endless <registry> <outside> - <seed>         see EndlessWriter
///     lethe-crash-worker <operation> <registry> <outside> judge 0      exit code 4 if a promise of
///                                                                      `brokenPromise` is broken
///
/// It writes `ready` when the registry is open, so that a killer can start its clock.
@main
struct CrashWorker {
    static func main() async {
        let arguments = CommandLine.arguments
        if arguments.count > 2, CommandWorker.verbs.contains(arguments[1]),
            arguments.contains("--json")
        {
            exit(await CommandWorker(Array(arguments.dropFirst())).run())
        }
        if arguments.count == 6, arguments[1] == "endless", let seed = UInt64(arguments[5]) {
            await writeWithoutEnd(arguments[2], arguments[3], seed: seed)
        }
        guard arguments.count == 6, let operation = TinyOperation(rawValue: arguments[1]),
            let number = UInt64(arguments[5])
        else {
            print("usage: lethe-crash-worker <operation> <registry> <outside> <mode> <number>")
            exit(2)
        }
        let tiny = TinyRegistry(
            root: URL(fileURLWithPath: arguments[2]), outside: URL(fileURLWithPath: arguments[3]))
        do {
            switch arguments[4] {
            case "prepare": return try await prepare(operation, at: tiny)
            case "judge": return try await judge(operation, tiny)
            default: break
            }
        } catch {
            print(error)
            exit(1)
        }
        let hook = arguments[4] == "slow" ? dawdling(seed: number) : killing(at: Int(number))
        do throws(LetheError) {
            let registry = try tiny.open(beforeStep: hook)
            try? FileHandle.standardOutput.write(contentsOf: Data("ready\n".utf8))
            // A tracer attaches here, so that it counts what the operation does and nothing else.
            if arguments[4] == "stop" { raise(SIGSTOP) }
            try await operation.run(on: tiny, in: registry)
        } catch {
            print(error)
            exit(error.code.exitCode)
        }
    }

    private static func writeWithoutEnd(
        _ registry: String, _ outside: String, seed: UInt64
    ) async -> Never {
        let tiny = TinyRegistry(
            root: URL(fileURLWithPath: registry), outside: URL(fileURLWithPath: outside))
        var writer = EndlessWriter(tiny, seed: seed)
        do { try await writer.run() } catch { print("failed: \(error)") }
        exit(1)
    }

    private static func prepare(_ operation: TinyOperation, at tiny: TinyRegistry) async throws {
        let made = try await operation.prepare()
        try FileManager.default.copyItem(at: made.root, to: tiny.root)
        try FileManager.default.copyItem(at: made.outside, to: tiny.outside)
        // The samples lie elsewhere now.
        if [.forget, .certify, .runRequests].contains(operation) {
            try await tiny.addDataset(in: tiny.open())
        }
    }

    private static func judge(_ operation: TinyOperation, _ tiny: TinyRegistry) async throws {
        // Where a call that tidies the log was made to fail, the next write tidies it.
        let broken = try await operation.brokenPromise(in: tiny, tolerating: ["log-leftover"])
        guard let broken else { return }
        print(broken)
        exit(4)
    }

    private static func killing(at number: Int) -> BeforeStep {
        let count = Atomic(0)
        return { (_) throws(LetheError) in
            if count.add(1, ordering: .relaxed).newValue == number { kill(getpid(), SIGKILL) }
        }
    }

    private static func dawdling(seed: UInt64) -> BeforeStep {
        let state = Mutex(seed)
        return { (_) throws(LetheError) in
            let milliseconds = state.withLock { state in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return state >> 33 % 4
            }
            if milliseconds > 0 { usleep(useconds_t(milliseconds * 1000)) }
        }
    }
}
