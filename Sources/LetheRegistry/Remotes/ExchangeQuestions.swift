internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// The side of an exchange that takes: it asks for what it lacks and checks all of it.
struct ExchangeQuestions: ObjectSource {
    /// The longest state: texts and references, no versions.
    private static let stateLimitBytes = 64 << 20
    /// The longest pack; git has a limit of its own.
    private static let packLimitBytes = 8 << 30
    /// So many commits fit into one question.
    private static let knownLimit = FrameChannel.limitBytes / 41

    let channel: FrameChannel
    var name: String { channel.name }

    /// Lays out the other registry for a transfer.
    ///
    /// - Throws: `malformed`, `refused`, `io`.
    func shadow(for borrower: RegistryStorage?) throws(LetheError) -> Shadow {
        let bytes = try channel.ask(.state, limitBytes: Self.stateLimitBytes)
        let state = try RemoteState.read(canonical: bytes)
        return try Shadow(state, for: borrower) { (folder, known) throws(LetheError) in
            try pack(without: known, in: folder)
        }
    }

    func stream(
        _ digest: Digest, _ take: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        try channel.ask(.object, Array(digest.hex.utf8), take)
    }

    func contains(_ digest: Digest) throws(LetheError) -> Bool {
        let answer = try channel.ask(.head, Array(digest.hex.utf8), limitBytes: 8)
        switch String(decoding: answer, as: UTF8.self) {
        case "yes": return true
        case "no": return false
        default: throw LetheError(code: .malformed, message: "\(channel.name) says neither.")
        }
    }

    private func pack(without known: [CommitID], in folder: URL) throws(LetheError) -> URL {
        let url = folder.appending(path: "pack")
        let text = known.prefix(Self.knownLimit).map(\.hex).joined(separator: "\n")
        do {
            try Data().write(to: url)
            let file = try FileHandle(forWritingTo: url)
            var count = 0
            try channel.ask(.pack, Array(text.utf8)) { (piece) throws(LetheError) in
                count += piece.count
                guard count <= Self.packLimitBytes else {
                    throw LetheError(
                        code: .malformed, message: "\(channel.name) sends a pack without an end.")
                }
                do {
                    try file.write(contentsOf: Data(piece))
                } catch {
                    throw LetheError(
                        code: .io, message: "\(url.path) cannot be written.",
                        remedy: "See that the disk has room.", cause: error)
                }
            }
            try file.close()
        } catch let error as LetheError {
            throw error
        } catch {
            throw LetheError(code: .io, message: "\(url.path) cannot be written.", cause: error)
        }
        return url
    }
}
