internal import Foundation
internal import LetheRecords
internal import LetheRegistry

/// Carries what two registries say to each other to a server and back, in requests that can be
/// repeated: every piece is named by its place.
struct ExchangeClient {
    /// How long it tries to reach a server; shorter than the server waits for its client.
    static let patienceSeconds = 45.0
    /// The same once lethe is done, or was killed.
    private static let lastPatienceSeconds = 2.0
    /// So long the end may take to be said; the server ends it anyway when it hears nothing more.
    private static let farewellSeconds = 5.0
    /// A server waits before it answers that there is nothing; one that does not is not asked again
    /// at once.
    private static let pause = Duration.milliseconds(50)
    /// An answer with more than this is no server's.
    private static let answerLimitBytes = 16 << 20

    let server: Server
    let input: LetheInput

    /// Begins an exchange and talks until one of the two sides is done.
    ///
    /// - Throws: what the server says is wrong; `io` if it does not answer or has ended the exchange.
    func run(_ direction: String) async throws {
        let order: JSONValue = ["direction": .string(direction)]
        let begun = try await server.ask(
            server.request("POST", ["exchanges"], body: CanonicalJSON.encode(order)))
        guard let id = begun.json["id"]?.stringValue,
            let pieceSizeBytes = begun.json["pieceSizeBytes"]?.integerValue, pieceSizeBytes > 0
        else {
            throw LetheError(
                code: .unsupported, message: "The server does not exchange with registries.",
                remedy: "Is that the address of a Lethe server, and of this version?")
        }
        do {
            try await talk(id, pieceSizeBytes: pieceSizeBytes)
        } catch {
            await end(id)
            throw error
        }
        await end(id)
    }

    private func talk(_ id: String, pieceSizeBytes: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            // When lethe is done there is nothing more to hear.
            group.addTask {
                // While lethe waits for somebody to take what it says it hears nothing.
                defer { input.discard() }
                try await sendInput(id, pieceSizeBytes: pieceSizeBytes)
                throw CancellationError()
            }
            group.addTask { try await takeOutput(id) }
            do {
                while try await group.next() != nil {}
            } catch is CancellationError {
                group.cancelAll()
            }
        }
    }

    /// Sends what lethe says until it says no more.
    private func sendInput(_ id: String, pieceSizeBytes: Int) async throws {
        var offset = 0
        while true {
            let piece = try await input.next(from: offset, atMost: pieceSizeBytes)
            var rest = piece.bytes[...]
            while !rest.isEmpty {
                let request = address("PUT", id, "input", offset, body: Array(rest))
                let head = try await patiently { try await server.stream(request) { _ in } }
                guard let now = head.fields["upload-offset"].flatMap({ Int($0) }),
                    (offset...offset + rest.count).contains(now)
                else { throw Self.odd }
                if now == offset { try await Task.sleep(for: Self.pause) }
                rest = rest.dropFirst(now - offset)
                offset = now
            }
            if piece.isLast { return }
        }
    }

    /// Hands lethe what the other registry says, in whole frames, until it says no more.
    private func takeOutput(_ id: String) async throws {
        var cutter = FrameCutter(name: server.url.absoluteString)
        var offset = 0
        var isOver = false
        while !isOver {
            var taken: [UInt8] = []
            // Also what came before a connection broke counts.
            let head = try await patiently {
                try await server.stream(address("GET", id, "output", offset + taken.count)) {
                    taken += $0
                    guard taken.count <= Self.answerLimitBytes else { throw Self.odd }
                }
            }
            offset += taken.count
            isOver = head.fields["exchange-over"] == "true"
            if taken.isEmpty, !isOver { try await Task.sleep(for: Self.pause) }
            try await LetheOutput.write(cutter.take(taken))
        }
        try await LetheOutput.close()
    }

    private func address(
        _ method: String, _ id: String, _ stream: String, _ offset: Int, body: [UInt8]? = nil
    ) -> Request {
        server.request(
            method, ["exchanges", id, stream], query: ["offset": "\(offset)"],
            fields: [
                "Accept": "application/octet-stream", "Content-Type": "application/octet-stream",
            ], body: body)
    }

    /// Says that it is over, also after this task was cancelled.
    private func end(_ id: String) async {
        let request = server.request("DELETE", ["exchanges", id])
        let saying = Task { [server] in _ = try? await server.stream(request) { _ in } }
        let waiting = Task {
            try? await Task.sleep(for: .seconds(Self.farewellSeconds))
            saying.cancel()
        }
        await saying.value
        waiting.cancel()
    }

    /// Does something again as long as the server is not reached, or is still busy with a request
    /// that a broken connection left behind.
    private func patiently<Result>(_ body: () async throws -> Result) async throws -> Result {
        let start = Date()
        while true {
            do {
                return try await body()
            } catch let error as LetheError where error.code == .io && isEarly(start) {
            } catch let refusal as Refusal where refusal.status == 409 && isEarly(start) {
            } catch let refusal as Refusal where refusal.status == 404 {
                throw LetheError(
                    code: .io, message: "The server has ended the exchange.",
                    remedy: "What has arrived stays; run the same command again.")
            }
            try await Task.sleep(for: .milliseconds(300))
        }
    }

    private func isEarly(_ start: Date) -> Bool {
        -start.timeIntervalSinceNow
            < (input.isAbandoned ? Self.lastPatienceSeconds : Self.patienceSeconds)
    }

    private static let odd = LetheError(
        code: .malformed, message: "The server does not answer as Lethe does.",
        remedy: "Tell its operator.")
}

/// What lethe says; waits on threads that nobody else needs.
struct LetheInput: Sendable {
    private static let lookSeconds = 0.5
    private let pipe: PipeReader

    init(_ pipe: PipeReader) { self.pipe = pipe }

    /// Whether lethe is done, or was killed.
    var isAbandoned: Bool { pipe.isAbandoned }

    /// The next bytes; none only at the end.
    ///
    /// - Throws: `CancellationError`, soon after the task was cancelled.
    func next(from offset: Int, atMost limit: Int) async throws -> PipeReader.Piece {
        while true {
            try Task.checkCancellation()
            let piece = try await offThePool { () throws(LetheError) in
                try pipe.piece(from: offset, atMost: limit, within: Self.lookSeconds)
            }
            if !piece.bytes.isEmpty || piece.isLast { return piece }
        }
    }

    /// Passes over everything that still comes.
    func discard() { pipe.discard() }

    /// Passes over everything that still comes, and waits for its end.
    func passOver() async {
        pipe.discard()
        _ = try? await offThePool { () throws(LetheError) in pipe.waitForEnd() }
    }
}

/// What lethe hears.
enum LetheOutput {
    static func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try await offThePool { () throws(LetheError) in
            do {
                try FileHandle.standardOutput.write(contentsOf: Data(bytes))
            } catch {
                throw LetheError(code: .interrupted, message: "Nobody listens.", cause: error)
            }
        }
    }

    /// Says that nothing more comes.
    static func close() async throws {
        try await offThePool { () throws(LetheError) in
            try? FileHandle.standardOutput.close()
        }
    }
}

/// Does what blocks on a thread of its own.
private func offThePool<Result: Sendable>(
    _ body: @escaping @Sendable () throws(LetheError) -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
            continuation.resume(with: Swift.Result { () throws(LetheError) in try body() })
        }
    }
}
