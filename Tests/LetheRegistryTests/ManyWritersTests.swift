import Foundation
import Glibc
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

/// `LETHE_KILLS=1000` is the long run of docs/TESTING.md.
@Suite("Sixteen processes that write, and are killed", .serialized)
struct ManyWritersTests {
    static let killCount =
        Int(ProcessInfo.processInfo.environment["LETHE_KILLS"] ?? "") ?? 40

    @Test("Nothing that was acknowledged is lost, nothing half-written is visible")
    func killed() async throws {
        let seed =
            UInt64(ProcessInfo.processInfo.environment["LETHE_SEED"] ?? "")
            ?? UInt64.random(in: .min ... .max)
        print("the seed of the writers is \(seed); LETHE_SEED=\(seed) repeats their choices")
        let tiny = try TinyRegistry()
        try await tiny.publish(in: tiny.open())
        try await tiny.addDataset(in: tiny.open())
        var crowd = try Crowd(tiny, count: 16, seed: seed)
        var acknowledged: [String] = []
        for number in 1...Self.killCount {
            acknowledged += try crowd.killOne()
            guard number.isMultiple(of: 100) else { continue }
            // Beside the writers: readers never block, and see whole versions only.
            try expectAll(acknowledged, in: tiny)
        }
        acknowledged += try crowd.killAll()
        try expectAll(acknowledged, in: tiny)
        let report = try tiny.check()
        #expect(report.isClean, "\(report.findings.prefix(5))")
        // The same command simply works again.
        try await tiny.publish(tiny.otherModelFolder, in: tiny.open())
        #expect(try tiny.check().isClean)
        print("killed \(Self.killCount) writers; \(acknowledged.count) versions acknowledged")
        #expect(acknowledged.count > Self.killCount / 4)
    }

    private func expectAll(_ acknowledged: [String], in tiny: TinyRegistry) throws {
        let registry = try tiny.open()
        var present: Set<String> = []
        for entry in try registry.log(nil) {
            present.insert("\(entry.model) \(entry.number) \(entry.commit.hex)")
        }
        #expect(acknowledged.filter { !present.contains($0) } == [])
    }
}

/// Worker processes; whoever dies is replaced.
private struct Crowd {
    private let tiny: TinyRegistry
    private var random: SplitMix64
    private var writers: [RunningWriter] = []

    init(_ tiny: TinyRegistry, count: Int, seed: UInt64) throws {
        self.tiny = tiny
        random = SplitMix64(seed: seed)
        for _ in 0..<count { writers.append(try RunningWriter(tiny, seed: random.next())) }
    }

    /// Kills a writer at a random moment and starts another.
    ///
    /// - Returns: what the dead one had acknowledged.
    mutating func killOne() throws -> [String] {
        Thread.sleep(forTimeInterval: random.unit() * 0.2)
        let victim = Int(random.next() % UInt64(writers.count))
        let lines = try writers[victim].kill()
        writers[victim] = try RunningWriter(tiny, seed: random.next())
        return lines
    }

    mutating func killAll() throws -> [String] {
        defer { writers = [] }
        return try writers.flatMap { try $0.kill() }
    }
}

private final class RunningWriter {
    private let process = Process()
    private let output: URL

    init(_ tiny: TinyRegistry, seed: UInt64) throws {
        // A file and not a pipe, which would fill up and stop the writer.
        output = tiny.outside.appending(path: "acknowledged-\(seed)")
        try Data().write(to: output)
        process.executableURL = Locations.products.appending(path: "lethe-crash-worker")
        process.arguments = ["endless", tiny.root.path, tiny.outside.path, "-", "\(seed)"]
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
    }

    /// Kills it; it must have been alive.
    ///
    /// - Returns: the lines it wrote; a line that was cut off was no acknowledgement.
    func kill() throws -> [String] {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let text = try String(contentsOf: output, encoding: .utf8)
        try #require(process.terminationReason == .uncaughtSignal, "\(text.suffix(500))")
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map(String.init).filter { $0 != "ready" }
    }
}
