import Foundation
import LetheRecords
import LetheRegistry
import Synchronization
import TestSupport
import Testing

/// A push from a fixture's source into its target over pipes, with somebody in the middle who may
/// change what is said, or cut the wire.
struct Conversation: Sendable {
    private let fixture: TransferFixture
    private let object: Int
    private let change: @Sendable (inout [UInt8]) -> Void
    private let cutsAt: @Sendable () -> Bool
    private let onFrame: @Sendable () -> Void

    /// - Parameters:
    ///   - object: The number of the object whose first piece `change` gets.
    ///   - cutsAt: Asked before each answer is passed on.
    init(
        _ fixture: TransferFixture, object: Int = -1,
        cutsAt: @escaping @Sendable () -> Bool = { false },
        onFrame: @escaping @Sendable () -> Void = {},
        change: @escaping @Sendable (inout [UInt8]) -> Void = { _ in }
    ) {
        self.fixture = fixture
        self.object = object
        self.change = change
        self.cutsAt = cutsAt
        self.onFrame = onFrame
    }

    /// Talks to the end; each party has a thread of its own, because each waits for the others.
    func run(_ lines: [String] = []) throws -> TransferReport {
        let wires = (0..<4).map { _ in Wire() }
        let ends = DispatchGroup()
        inBackground(ends) {
            let channel = wires[0].channel(answering: wires[1])
            _ = try? fixture.source.open().exchangeSending(
                lines, over: channel, progress: { _ in })
            wires[1].close()
        }
        inBackground(ends) { relay(wires) }
        defer {
            wires[3].close()
            ends.wait()
        }
        return try fixture.target.open().exchangeReceiving(
            over: wires[2].channel(answering: wires[3]), keys: fixture.target.keys(),
            now: TinyRegistry.now)
    }

    /// wires: 0 to the source, 1 from it, 2 to the target, 3 from it.
    private func relay(_ wires: [Wire]) {
        let source = wires[1].channel(answering: wires[0])
        let target = wires[3].channel(answering: wires[2])
        var number = -1
        var isFirst = false
        defer { for wire in [wires[0], wires[2]] { wire.close() } }
        do {
            try source.send(.hello, target.receive().content)
            try target.send(.hello, source.receive().content)
            while true {
                let question = try target.receive()
                try source.send(question.kind, question.content)
                if question.kind == .report || question.kind == .error { return }
                if question.kind == .object {
                    number += 1
                    isFirst = true
                }
                var isOver = false
                while !isOver {
                    var answer = try source.receive()
                    if number == object, isFirst, answer.kind == .data {
                        change(&answer.content)
                        isFirst = false
                    }
                    if cutsAt() { return }
                    onFrame()
                    try target.send(answer.kind, answer.content)
                    isOver = answer.kind != .data
                }
            }
        } catch {
            // Whoever is left sees that its pipe has ended.
        }
    }

    private func inBackground(_ group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
        group.enter()
        let thread = Thread {
            body()
            group.leave()
        }
        thread.start()
    }
}

/// A pipe whose writing end is closed once.
private final class Wire: Sendable {
    private let pipe = Mutex(Pipe())

    /// What is read from this pipe is answered on another.
    func channel(answering other: Wire) -> FrameChannel {
        let input = pipe.withLock(\.fileHandleForReading)
        let output = other.pipe.withLock(\.fileHandleForWriting)
        return FrameChannel(input: input, output: output, name: "the other side")
    }

    func close() { pipe.withLock { try? $0.fileHandleForWriting.close() } }
}
