internal import Foundation
internal import LetheRecords

/// `log/moving`: which lines a writer is about to move together, from before it logs them until
/// they have moved.
///
/// A writer of one version leaves at most one logged version whose reference has not moved, the
/// newest entry. A writer of many leaves many, so it first writes down how long the log was and
/// which lines it means; whoever writes next brings that to its end.
struct MovingLines: Equatable {
    /// The index of the first entry that may not have moved its line.
    let firstIndex: Int
    /// The lines, whose locks a dead writer may have left.
    let lines: [ReferenceName]

    /// The file in `log/`.
    static let name = "moving"
    private static let limitBytes = 16 << 20

    /// The file's text: the index, then a line for each name.
    var bytes: [UInt8] {
        Array(([String(firstIndex)] + lines.map(\.description) + [""]).joined(separator: "\n").utf8)
    }

    init(firstIndex: Int, lines: [ReferenceName]) {
        self.firstIndex = firstIndex
        self.lines = lines
    }

    /// Reads the file of a log; nil if nobody moves many lines, and for anything else than what
    /// `bytes` gives.
    init?(_ log: TransparencyLog) {
        let url = Self.url(in: log)
        guard (try? FileStatus.of(url.path)) ?? nil != nil,
            let bytes = try? log.files.readFile(url, limitBytes: Self.limitBytes)
        else { return nil }
        let texts = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard let first = texts.first, let index = Int(first), index >= 0 else { return nil }
        let names = texts.dropFirst().compactMap { ReferenceName(String($0)) }
        self.init(firstIndex: index, lines: names)
        guard self.bytes == bytes else { return nil }
    }

    static func url(in log: TransparencyLog) -> URL { log.url.appending(path: name) }

    /// Writes the file durably, by way of `tmp/`, where a dead writer's bytes are cleared away.
    func begin(in log: TransparencyLog) throws(LetheError) {
        let staged = StagedFiles(in: log.temporary, files: log.files)
        try staged.write(bytes, to: Self.url(in: log).path, mode: 0o644)
        try staged.makeDurable()
    }

    /// Removes the file: the lines have moved.
    ///
    /// It need not be durable, because moving twice does no harm.
    static func end(in log: TransparencyLog) throws(LetheError) {
        try log.files.remove(url(in: log).path)
    }
}
