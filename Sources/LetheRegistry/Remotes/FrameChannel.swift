public import Foundation
internal import Glibc
public import LetheRecords

/// Two programs that talk over pipes in frames: one byte of kind, four bytes of length (big
/// endian), at most 1 MiB of content.
///
/// A question is one frame; its answer is any number of `data` frames and then `end`, or `error`
/// instead of either, with `LetheError.json`.
public final class FrameChannel {
    /// What a frame is.
    public enum Kind: UInt8, Sendable {
        /// Who speaks, in both directions, first of all.
        case hello = 0x68
        /// A part of an answer.
        case data = 0x64
        /// The answer is whole.
        case end = 0x65
        /// There is no answer, or no more of it.
        case error = 0x78
        /// Asks for the state of the registry.
        case state = 0x73
        /// Asks for a pack of the lineage; the content names the commits that need not come.
        case pack = 0x70
        /// Asks for an object by its digest.
        case object = 0x6F
        /// Says what became of everything; the last frame.
        case report = 0x71
        /// Asks whether there is an object of that digest.
        case head = 0x6C
        /// Sends an object to a bucket: the content says its digest and length. The answer says
        /// whether it shall come; then it comes as `data` and `end`, or `error` takes it back.
        case put = 0x75
        /// Removes an object from a bucket; the content is its digest.
        case remove = 0x72
        /// Writes what a bucket shows of its registry: the content is the tag of what is replaced;
        /// `data` and `end` follow.
        case write = 0x77
    }

    /// A frame's content is at most this long.
    public static let limitBytes = 1 << 20
    /// One byte of kind and four of length.
    static let headSizeBytes = 5

    private let input: FileHandle
    private let output: FileHandle
    /// What messages call the other side.
    public let name: String
    /// What errors and reports say in place of paths of this machine; empty where the other side may
    /// know them.
    public var words: [String: String] = [:]

    /// Takes two open pipes.
    public init(input: FileHandle, output: FileHandle, name: String) {
        // That the other side has gone is an error of writing here, and no end of the program.
        signal(SIGPIPE, SIG_IGN)
        self.input = input
        self.output = output
        self.name = name
    }

    /// Sends a frame.
    ///
    /// - Throws: `io` if the other side has gone.
    public func send(_ kind: Kind, _ content: [UInt8] = []) throws(LetheError) {
        precondition(content.count <= Self.limitBytes, "a frame is short")
        let length = (0..<4).map { UInt8(truncatingIfNeeded: content.count >> (24 - 8 * $0)) }
        do {
            try output.write(contentsOf: Data([kind.rawValue] + length + content))
        } catch {
            throw gone(error)
        }
    }

    /// Sends bytes as `data` frames.
    public func sendData(_ bytes: [UInt8]) throws(LetheError) {
        for start in stride(from: 0, to: bytes.count, by: Self.limitBytes) {
            try send(.data, Array(bytes[start..<min(start + Self.limitBytes, bytes.count)]))
        }
    }

    /// Sends what went wrong.
    public func send(_ error: LetheError) throws(LetheError) {
        try send(.error, worded(CanonicalJSON.encode(Self.cut(error, "").json)))
    }

    /// Sends the report that ends a conversation; what is longer than a frame goes before it.
    public func sendReport(_ report: [UInt8]) throws(LetheError) {
        let report = worded(report)
        let last = report.count / Self.limitBytes * Self.limitBytes
        try sendData(Array(report[..<last]))
        try send(.report, Array(report[last...]))
    }

    /// Waits for the next frame.
    ///
    /// - Throws: `io` if the other side has gone; `malformed` if this is no frame.
    public func receive() throws(LetheError) -> (kind: Kind, content: [UInt8]) {
        let head = try read(Self.headSizeBytes)
        let length = head.dropFirst().reduce(0) { $0 << 8 | Int($1) }
        guard let kind = Kind(rawValue: head[0]), length <= Self.limitBytes else {
            throw LetheError(
                code: .malformed, message: "\(name) does not speak as Lethe does.",
                remedy: "Nothing but lethe may write to the standard output of that connection; "
                    + "look at what the shell there writes when it starts.")
        }
        return (kind, try read(length))
    }

    /// Asks, and takes the answer as it comes.
    ///
    /// - Throws: what the other side says is wrong; `io`, `malformed`; what `take` throws, after
    ///   which nothing more can be asked.
    public func ask(
        _ kind: Kind, _ content: [UInt8] = [],
        _ take: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        try send(kind, content)
        try hear(take)
    }

    /// Takes an answer as it comes.
    ///
    /// - Throws: as `ask`.
    public func hear(_ take: ([UInt8]) throws(LetheError) -> Void) throws(LetheError) {
        while true {
            let answer = try receive()
            switch answer.kind {
            case .data: try take(answer.content)
            case .end: return
            case .error: throw Self.error(answer.content, from: name)
            default: throw LetheError(code: .malformed, message: "\(name) answers out of turn.")
            }
        }
    }

    /// Asks for an answer that is not longer than this.
    public func ask(
        _ kind: Kind, _ content: [UInt8] = [], limitBytes: Int
    ) throws(LetheError) -> [UInt8] {
        try send(kind, content)
        return try hear(limitBytes: limitBytes)
    }

    /// Takes an answer that is not longer than this.
    public func hear(limitBytes: Int) throws(LetheError) -> [UInt8] {
        var bytes: [UInt8] = []
        try hear { (piece) throws(LetheError) in
            guard bytes.count + piece.count <= limitBytes else {
                throw LetheError(
                    code: .malformed, message: "\(name) answers with more than was to be expected.",
                    remedy: "Tell its operator.")
            }
            bytes += piece
        }
        return bytes
    }

    /// What an `error` frame says, as the other side's words.
    public static func error(_ content: [UInt8], from name: String) -> LetheError {
        let said = (try? StrictJSON.parse(content)).flatMap { LetheError(json: $0) }
        return cut(said ?? LetheError(code: .io, message: "something is wrong."), "\(name): ")
    }

    /// An error that fits into a frame and on a screen; its cause stays where it is.
    private static func cut(_ error: LetheError, _ prefix: String) -> LetheError {
        LetheError(
            code: error.code, message: prefix + error.message.prefix(2000),
            remedy: error.remedy.map { String($0.prefix(2000)) })
    }

    private func worded(_ content: [UInt8]) -> [UInt8] {
        guard !words.isEmpty else { return content }
        let text = words.sorted { $0.key.utf8.count > $1.key.utf8.count }
            .reduce(String(decoding: content, as: UTF8.self)) { text, word in
                text.replacing(word.key, with: word.value)
            }
        return Array(text.utf8)
    }

    private func read(_ count: Int) throws(LetheError) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            while bytes.count < count {
                guard let piece = try input.read(upToCount: count - bytes.count), !piece.isEmpty
                else { throw gone(nil) }
                bytes += piece
            }
        } catch let error as LetheError {
            throw error
        } catch {
            throw gone(error)
        }
        return bytes
    }

    private func gone(_ cause: (any Error)?) -> LetheError {
        LetheError(
            code: .io, message: "The connection to \(name) has ended.",
            remedy: "What has arrived stays; run the same command again.", cause: cause)
    }
}
