import Foundation
import Glibc
import LetheRecords
import LetheRegistry
import LetheStorage

/// The store's verbs without the engine, so that `Benchmarks/store` measures the store: one verb a
/// process, and one line of JSON with the seconds inside the process and the peak of its memory.
@main
struct StoreWorker {
    static let usage = """
        usage: lethe-store-worker init|init-encrypted REGISTRY KEYS DEFAULTS
               lethe-store-worker publish REGISTRY KEYS MODEL FOLDER
               lethe-store-worker commits REGISTRY KEYS MODEL FOLDER COUNT
               lethe-store-worker publish-each REGISTRY KEYS FOLDER
               lethe-store-worker pull|show REGISTRY REVISION [FOLDER]
               lethe-store-worker log|trace REGISTRY MODEL|REQUEST
               lethe-store-worker fsck|audit|reindex|open REGISTRY
               lethe-store-worker clone REGISTRY KEYS TARGET
               lethe-store-worker hash MEBIBYTES
               lethe-store-worker generate REGISTRY MODELS VERSIONS
               lethe-store-worker generate-signed REGISTRY KEYS DEFAULTS MODELS VERSIONS
        """

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard let verb = arguments.first, arguments.count > 1 else {
            print(usage)
            exit(2)
        }
        let before = Memory.now()
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let figures = try await run(verb, Array(arguments.dropFirst()))
            let seconds = (clock.now - start) / .seconds(1)
            report(verb, seconds, peak: Memory.peak() - before, figures)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(
        _ verb: String, _ arguments: [String]
    ) async throws -> [String: Double] {
        let root = URL(fileURLWithPath: arguments[0])
        switch (verb, arguments.count) {
        case ("init", 3): try make(root, arguments)
        case ("init-encrypted", 3): try make(root, arguments, encrypting: true)
        case ("publish", 4): return try await publish(open(root), arguments)
        case ("commits", 5): return try await Commits(arguments).run(open(root))
        case ("publish-each", 3):
            return try await publishEach(open(root), arguments)
        case ("clone", 3):
            let keys = try KeyFolder(contentsOf: URL(fileURLWithPath: arguments[1]))
            _ = try Registry.clone(
                .folder(root), to: URL(fileURLWithPath: arguments[2]), pins: [],
                now: Timestamp(Date()), makeKeys: { (_) throws(LetheError) in keys },
                progress: { _ in })
        case ("audit", 1):
            let report = try open(root).audit()
            return ["findings": Double(report.findings.count), "versions": Double(report.size)]
        case ("pull", 3):
            _ = try open(root).pull(
                Revision(arguments[1]), to: URL(fileURLWithPath: arguments[2]),
                allowingUncertified: true, progress: { _ in })
        case ("show", 2):
            let details = try open(root).show(Revision(arguments[1]))
            return ["requests": Double(details.requests.count)]
        case ("log", 2):
            return ["versions": Double(try open(root).log(arguments[1]).count)]
        case ("trace", 2):
            return [
                "versions": Double(try open(root).trace(arguments[1]).entries.count)
            ]
        case ("fsck", 1):
            let report = try open(root).check(progress: { _ in })
            return ["findings": Double(report.findings.count)]
        case ("reindex", 1):
            return ["versions": Double(try open(root).reindex())]
        case ("open", 1): _ = try open(root)
        case ("hash", 1): return try hash(mebibytes: Int(arguments[0]) ?? 0)
        case ("generate-signed", 5): try generateSigned(root, arguments)
        case ("generate", 3):
            try History(modelCount: Int(arguments[1]) ?? 0, versionCount: Int(arguments[2]) ?? 0)
                .write(
                    to: root.appending(path: "lineage.git"),
                    recipesInto: open(root).storage.objects)
        default:
            print(usage)
            exit(2)
        }
        return [:]
    }

    /// Opens a registry; `LETHE_KEYS` names the keys of one that encrypts.
    private static func open(_ root: URL) throws -> Registry {
        let registry = try Registry(opening: root)
        if let keys = ProcessInfo.processInfo.environment["LETHE_KEYS"] {
            try registry.useKeys(in: URL(fileURLWithPath: keys))
        }
        return registry
    }

    private static func make(
        _ root: URL, _ arguments: [String], encrypting: Bool = false
    ) throws {
        let keys = try KeyFolder.create(at: URL(fileURLWithPath: arguments[1]))
        _ = try Registry.create(
            at: root, defaults: URL(fileURLWithPath: arguments[2]), policy: "default", keys: keys,
            now: Timestamp(Date()), encrypting: encrypting)
    }

    /// A registry of signed and certified versions, and the policy of the certificates in it.
    private static func generateSigned(_ root: URL, _ arguments: [String]) throws {
        let keys = try KeyFolder.create(at: URL(fileURLWithPath: arguments[1]))
        let packed = root.deletingLastPathComponent().appending(path: "packed-\(UUID().uuidString)")
        try SignedHistory(
            modelCount: Int(arguments[3]) ?? 0, versionCount: Int(arguments[4]) ?? 0, keys: keys
        ).write(to: packed)
        _ = try Registry.create(
            at: root, fromPacked: packed, defaults: URL(fileURLWithPath: arguments[2]),
            policy: "default", keys: keys, now: Timestamp(Date()))
        try FileManager.default.removeItem(at: packed)
        try Data(SignedHistory.policy.canonicalBytes())
            .write(to: root.appending(path: "policies/generated.json"))
    }

    private static func publish(
        _ registry: Registry, _ arguments: [String]
    ) async throws -> [String: Double] {
        let version = try await registry.publish(
            URL(fileURLWithPath: arguments[3]), as: arguments[2], engine: NoEngine(),
            keys: KeyFolder(contentsOf: URL(fileURLWithPath: arguments[1])),
            now: Timestamp(Date()), progress: { _ in })
        return ["version": Double(version.manifest.number)]
    }

    private static func publishEach(
        _ registry: Registry, _ arguments: [String]
    ) async throws -> [String: Double] {
        let models = try await registry.publishEach(
            in: URL(fileURLWithPath: arguments[2]), engine: NoEngine(),
            keys: KeyFolder(contentsOf: URL(fileURLWithPath: arguments[1])),
            now: Timestamp(Date()), progress: { _ in })
        return ["versions": Double(models.filter(\.isNew).count)]
    }

    /// SHA-256 over memory that is there already, on one thread.
    private static func hash(mebibytes: Int) throws -> [String: Double] {
        let piece = [UInt8](repeating: 7, count: 1 << 20)
        var hasher = DigestHasher()
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<mebibytes { hasher.update(piece) }
        _ = hasher.finalize()
        let seconds = (clock.now - start) / .seconds(1)
        return ["gigabytesPerSecond": Double(mebibytes << 20) / 1e9 / seconds]
    }

    private static func report(
        _ verb: String, _ seconds: Double, peak: Int, _ figures: [String: Double]
    ) {
        var line: [String: JSONValue] = [
            "verb": .string(verb), "seconds": .number(seconds),
            "peakAboveStartMiB": .number(Double(peak) / 1024),
        ]
        for (name, value) in figures { line[name] = .number(value) }
        let bytes = (try? CanonicalJSON.encode(.object(line))) ?? []
        print(String(decoding: bytes, as: UTF8.self))
    }
}

/// What the kernel says about this process's memory, in KiB (proc_pid_status(5)).
enum Memory {
    static func now() -> Int { value("VmRSS:") }
    static func peak() -> Int { value("VmHWM:") }

    private static func value(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { Int($0.split(whereSeparator: \.isWhitespace)[1]) } ?? 0
    }
}
