import Foundation
import Glibc
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Killing the process", .serialized)
struct KillTests {
    @Test("At many steps, and at random moments: the old or the new version, nothing else")
    func kill() async throws {
        let seed = UInt64.random(in: .min ... .max)
        let started = Date()
        let counts = try await withThrowingTaskGroup(of: (steps: Int, moments: Int).self) { group in
            for (number, operation) in TinyOperation.allCases.enumerated() {
                group.addTask {
                    let victim = try await Victim(operation)
                    let steps = try await victim.killAtSteps(
                        from: 1 + Int((seed &+ UInt64(number)) % 4))
                    let moments = try await victim.killAtRandomMoments(
                        atLeast: max(17, 36 - steps), seed: seed &+ UInt64(number))
                    print("\(operation): killed at \(steps) steps and \(moments) random moments")
                    return (steps, moments)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let steps = counts.reduce(0) { $0 + $1.steps }
        let moments = counts.reduce(0) { $0 + $1.moments }
        let seconds = Int(-started.timeIntervalSinceNow)
        print("killed \(steps + moments) times in \(seconds) s; the seed of the moments is \(seed)")
        #expect(steps + moments >= 150)
    }
}

/// A worker process that does one operation on copies of one registry, again and again.
private struct Victim {
    let operation: TinyOperation
    let template: TinyRegistry

    init(_ operation: TinyOperation) async throws {
        self.operation = operation
        template = try await operation.prepare()
    }

    /// Dies before one step after the other until there are no more.
    ///
    /// - Parameter first: The first step. From there on it is every fourth; all of them, from the
    ///   first, if `LETHE_EVERY_STEP` is set.
    /// - Returns: how often it died.
    func killAtSteps(from first: Int) async throws -> Int {
        let isExhaustive = InterleavingTests.isExhaustive
        var number = isExhaustive ? 1 : first
        var killed = 0
        while true {
            let tiny = try template.copy()
            let worker = try Worker(operation, on: tiny, "at", UInt64(number))
            guard try worker.end() else {
                #expect(try operation.doneCount(in: tiny.open()) == 1)
                #expect(number > 10, "\(operation) has hardly any steps")
                return killed
            }
            try await expectOldOrNew(tiny, "step \(number)")
            killed += 1
            number += isExhaustive ? 1 : 4
        }
    }

    /// Is killed from outside, somewhere between its first and its last step.
    ///
    /// - Returns: how often it died; a worker that was too fast does not count.
    func killAtRandomMoments(atLeast count: Int, seed: UInt64) async throws -> Int {
        var generator = SplitMix64(seed: seed)
        let duration = try timeOfOneRun(&generator)
        var killed = 0
        for attempt in 1... where killed < count {
            try #require(attempt < 10 * count, "the worker is never alive when it is killed")
            let tiny = try template.copy()
            let worker = try Worker(operation, on: tiny, "slow", generator.next())
            try worker.waitUntilReady()
            let seconds = Double.random(in: 0..<duration, using: &generator)
            pause(seconds)
            if try worker.kill() {
                killed += 1
                try await expectOldOrNew(tiny, "seed \(seed), attempt \(attempt)")
            }
            if killed == count { break }
        }
        return killed
    }

    private func timeOfOneRun(_ generator: inout SplitMix64) throws -> Double {
        let worker = try Worker(operation, on: template.copy(), "slow", generator.next())
        try worker.waitUntilReady()
        let started = Date()
        #expect(try !worker.end())
        return -started.timeIntervalSinceNow
    }

    /// The promise: clean, old or new, and the same operation again simply works.
    ///
    /// A file that the log does not name may be left until somebody writes again.
    private func expectOldOrNew(_ tiny: TinyRegistry, _ when: String) async throws {
        let place: Comment = "\(operation), killed at \(when)"
        let broken = try await operation.brokenPromise(in: tiny, tolerating: ["log-leftover"])
        #expect(broken == nil, place)
        guard try !tiny.check(tiny.open()).findings.isEmpty else { return }
        try await tiny.publish(as: "afterwards", in: tiny.open())
        let left = try tiny.check(tiny.open()).findings
        #expect(left.isEmpty, "\(place): \(left)")
    }
}

/// One worker process.
private final class Worker {
    private let tiny: TinyRegistry
    private let process = Process()
    private let output = Pipe()

    init(
        _ operation: TinyOperation, on tiny: TinyRegistry, _ mode: String, _ number: UInt64
    ) throws {
        self.tiny = tiny
        process.executableURL = Locations.products.appending(path: "lethe-crash-worker")
        process.arguments = [
            operation.rawValue, tiny.root.path, tiny.outside.path, mode, "\(number)",
        ]
        process.standardOutput = output
        try process.run()
    }

    func waitUntilReady() throws {
        let line = output.fileHandleForReading.availableData
        try #require(String(decoding: line, as: UTF8.self).hasPrefix("ready"))
    }

    /// Waits for the end.
    ///
    /// - Returns: whether it was killed; if it was not, it must have succeeded.
    func end() throws -> Bool {
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        if process.terminationReason == .uncaughtSignal {
            try #require(process.terminationStatus == SIGKILL)
            return true
        }
        try #require(
            process.terminationStatus == 0, "\(String(decoding: text, as: UTF8.self))")
        return false
    }

    /// Kills it at once; false if it had ended before.
    func kill() throws -> Bool {
        Glibc.kill(process.processIdentifier, SIGKILL)
        return try end()
    }
}

/// Blocks its thread: a task that sleeps beside tests that keep the pool busy wakes up too late.
private func pause(_ seconds: Double) {
    Thread.sleep(forTimeInterval: seconds)
}
