internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// The side of an exchange that gives: it answers whatever it is asked and decides nothing.
struct ExchangeAnswers {
    /// The longest report: some lines for each model.
    private static let reportLimitBytes = 64 << 20

    let storage: RegistryStorage
    let channel: FrameChannel
    let progress: ProgressHandler

    /// Answers until the other side says what became of it.
    ///
    /// - Returns: the other side's report.
    /// - Throws: what the other side says is wrong; `io` if it goes without a word.
    func run() throws(LetheError) -> JSONValue {
        var sentBytes = 0
        var report: [UInt8] = []
        while true {
            let question = try channel.receive()
            switch question.kind {
            case .data where report.count < Self.reportLimitBytes: report += question.content
            case .report: return try StrictJSON.parse(report + question.content)
            case .error: throw FrameChannel.error(question.content, from: channel.name)
            case .state:
                try answer { () throws(LetheError) in
                    try channel.sendData(storage.remoteState().canonicalBytes())
                }
            case .pack: try answer { () throws(LetheError) in try sendPack(question.content) }
            case .object:
                let digest = try Self.digest(question.content)
                try answer { () throws(LetheError) in
                    try storage.objects.stream(digest) { (piece) throws(LetheError) in
                        try channel.sendData(piece)
                        sentBytes += piece.count
                        progress(
                            Progress(phase: "sending (bytes)", done: sentBytes, total: sentBytes))
                    }
                }
            case .head:
                let digest = try Self.digest(question.content)
                let isThere = storage.objects.contains(digest)
                try answer { () throws(LetheError) in
                    try channel.sendData(Array((isThere ? "yes" : "no").utf8))
                }
            default:
                throw LetheError(code: .malformed, message: "\(channel.name) asks out of turn.")
            }
        }
    }

    /// What goes wrong here is an answer; that the other side has gone ends everything.
    private func answer(_ body: () throws(LetheError) -> Void) throws(LetheError) {
        do throws(LetheError) {
            try body()
        } catch {
            return try channel.send(error)
        }
        try channel.send(.end)
    }

    private func sendPack(_ content: [UInt8]) throws(LetheError) {
        let known = String(decoding: content, as: UTF8.self).split(separator: "\n")
            .compactMap { CommitID(String($0)) }
        let tips = try storage.lineage.references().filter { !$0.name.isTag }.map(\.target)
        let work = try WorkFolder(in: storage.layout, files: storage.files)
        let url = work.url.appending(path: "pack")
        try storage.lineage.writePack(of: tips, without: known, to: url)
        do {
            let handle = try FileHandle(forReadingFrom: url)
            while let piece = try handle.read(upToCount: FrameChannel.limitBytes), !piece.isEmpty {
                try channel.sendData([UInt8](piece))
            }
        } catch let error as LetheError {
            throw error
        } catch {
            throw LetheError(code: .io, message: "The pack cannot be read.", cause: error)
        }
    }

    private static func digest(_ content: [UInt8]) throws(LetheError) -> Digest {
        guard let digest = Digest(hex: String(decoding: content, as: UTF8.self)) else {
            throw LetheError(code: .malformed, message: "An object was asked for by no digest.")
        }
        return digest
    }
}
