internal import Foundation
internal import Glibc
internal import LetheRecords
internal import LetheRegistry
internal import Synchronization

/// A running `lethe exchange` whose input comes, and whose output goes, in requests of a client.
///
/// Both streams are cut anywhere; a piece is named by its place, so what a broken connection lost
/// is sent or asked for once more and counts once.
final class ExchangeSession: Sendable {
    /// What the command does with the registry.
    enum Direction: String {
        case send
        case receive

        /// What a token must allow, of the registry as a whole.
        ///
        /// Who pushes brings new versions, and learns from the questions what there is.
        var scopes: [AccessScope] { self == .send ? [.mirror] : [.mirror, .publish] }
    }

    private struct Input {
        var handle: FileHandle?
        var offset = 0
        var isBusy = false
    }

    /// So long a command may take to end after its input has.
    private static let graceSeconds = 10.0
    /// How often somebody who waits looks whether the exchange was ended.
    private static let lookMilliseconds: Int32 = 250

    let id: String
    /// The token's name.
    let token: String
    let direction: Direction
    private let output: PipeReader
    private let process: Process
    private let input: Mutex<Input>
    private let heard = Mutex(ContinuousClock.now)

    /// Starts the command.
    ///
    /// - Throws: `io` if it cannot be started.
    init(_ direction: Direction, token: String, _ command: LetheCommand) throws(LetheError) {
        id = "x-\(UUID().uuidString.lowercased().filter { $0 != "-" })"
        self.token = token
        self.direction = direction
        let (toCommand, fromCommand) = (Pipe(), Pipe())
        for handle in [
            toCommand.fileHandleForReading, toCommand.fileHandleForWriting,
            fromCommand.fileHandleForReading, fromCommand.fileHandleForWriting,
        ] { _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC) }
        process = command.exchange(direction.rawValue)
        process.standardInput = toCommand.fileHandleForReading
        process.standardOutput = fromCommand.fileHandleForWriting
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
            try toCommand.fileHandleForReading.close()
            try fromCommand.fileHandleForWriting.close()
        } catch {
            throw LetheError(code: .io, message: "lethe cannot be started.", cause: error)
        }
        let handle = toCommand.fileHandleForWriting
        _ = fcntl(handle.fileDescriptor, F_SETFL, O_NONBLOCK)
        input = Mutex(Input(handle: handle))
        output = PipeReader(fromCommand.fileHandleForReading)
    }

    /// What the command ended with; nil while it runs.
    var exitCode: Int32? { process.isRunning ? nil : process.terminationStatus }

    /// For how long no request was about it.
    var silence: Duration { heard.withLock { ContinuousClock.now - $0 } }

    /// Says that a request is about it.
    func touch() { heard.withLock { $0 = .now } }

    /// What the command has written from a place on; waits for the first of it.
    ///
    /// - Throws: as `PipeReader.piece`.
    func read(
        from offset: Int, atMost limit: Int, within seconds: Double
    ) throws(LetheError) -> PipeReader.Piece {
        defer { touch() }
        return try output.piece(from: offset, atMost: limit, within: seconds)
    }

    /// Gives bytes to the command, as many as it takes in time; those before the place that it has
    /// come to are passed over.
    ///
    /// - Returns: the place that it has come to; all of it if the command does not listen any more.
    /// - Throws: `conflict` for bytes that do not follow, or while others are being given.
    func write(
        _ bytes: [UInt8], at offset: Int, within seconds: Double
    ) throws(LetheError) -> Int {
        defer { touch() }
        let (handle, start) = try beginWriting(at: offset, bytes.count)
        var rest = bytes[(start - offset)...]
        defer { endWriting(at: offset + bytes.count - rest.count) }
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !rest.isEmpty, ContinuousClock.now < deadline {
            guard let handle, input.withLock({ $0.handle != nil }) else {
                rest = []
                break
            }
            Self.write(&rest, to: handle)
        }
        return offset + bytes.count - rest.count
    }

    /// Ends the command's input, after which it ends itself, or is made to.
    func end() {
        input.withLock { $0.handle = nil }
        output.cancel()
        let process = process
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.graceSeconds) {
            if process.isRunning { process.terminate() }
        }
    }

    private func beginWriting(
        at offset: Int, _ count: Int
    ) throws(LetheError) -> (handle: FileHandle?, start: Int) {
        let found: (FileHandle?, Int)? = input.withLock { input in
            guard !input.isBusy, (offset...offset + count).contains(input.offset) else {
                return nil
            }
            input.isBusy = true
            return (input.handle, input.offset)
        }
        guard let found else {
            throw LetheError(
                code: .conflict, message: "These bytes do not follow those that arrived.",
                remedy: "Send what comes next, one request at a time.")
        }
        return found
    }

    private func endWriting(at offset: Int) {
        input.withLock { input in
            input.isBusy = false
            input.offset = offset
        }
    }

    /// Writes what the pipe takes now; nothing is left if nobody reads it any more.
    private static func write(_ rest: inout ArraySlice<UInt8>, to handle: FileHandle) {
        var place = pollfd(fd: handle.fileDescriptor, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&place, 1, lookMilliseconds) > 0 else { return }
        let count = unsafe rest.withUnsafeBytes { bytes in
            unsafe Glibc.write(handle.fileDescriptor, bytes.baseAddress, bytes.count)
        }
        if count > 0 {
            rest = rest.dropFirst(count)
        } else if count < 0, errno != EAGAIN, errno != EINTR {
            rest = []
        }
    }
}
