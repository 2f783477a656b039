internal import Dispatch
internal import Foundation
internal import GRDB
internal import LetheRecords
internal import Synchronization

/// A weights file that came in from outside, and the line that published it.
struct PublishedFile: Sendable {
    let line: String
    let file: StoredFile
}

/// The tensors that many recipes name, read on all cores and written in the order of the table.
///
/// Digests are in no order, so each row of a recipe belongs to another page of `parts`. Sorted, a
/// batch touches each page once; and what a line's versions have in common is one row of it.
struct TensorBatch: Sendable {
    /// How many files are read before their rows are written: some 30 MiB of rows.
    static let fileLimit = 1 << 15

    private struct Part: Hashable, Comparable {
        let tensor: Int64
        let line: Int32

        static func < (left: Part, right: Part) -> Bool {
            (left.tensor, left.line) < (right.tensor, right.line)
        }
    }

    private let lines: [String]
    private let parts: [Part]
    private let read: [PublishedFile]

    /// Reads the recipes of files that are ordered by line; those whose recipes are away are left
    /// out.
    init(reading files: [PublishedFile], with reader: TensorReader) {
        var lines: [String] = []
        let numbered = files.map { file in
            if lines.last != file.line { lines.append(file.line) }
            return (file: file, line: Int32(lines.count - 1))
        }
        let found = Mutex<(parts: Set<Part>, read: [PublishedFile])>(([], []))
        let workers = max(1, ProcessInfo.processInfo.activeProcessorCount)
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            var parts: Set<Part> = []
            var read: [PublishedFile] = []
            let share = numbered.count * worker / workers..<numbered.count * (worker + 1) / workers
            for (file, line) in numbered[share] {
                guard let tensors = reader(file.file) else { continue }
                read.append(file)
                for tensor in tensors {
                    parts.insert(Part(tensor: tensor.firstEightBytes, line: line))
                }
            }
            found.withLock { found in
                found.parts.formUnion(parts)
                found.read += read
            }
        }
        (self.lines, parts, read) = found.withLock { (lines, $0.parts.sorted(), $0.read) }
    }

    /// The lines of files that have one of the tensors.
    func lines(withAnyOf tensors: Set<Digest>) -> Set<String> {
        let wanted = Set(tensors.map(\.firstEightBytes))
        if wanted.isEmpty { return [] }
        return Set(parts.lazy.filter { wanted.contains($0.tensor) }.map { lines[Int($0.line)] })
    }

    /// Writes the tensors, and that the files were read.
    func keep(in database: Database) throws {
        let insert = try database.cachedStatement(sql: "INSERT OR IGNORE INTO parts VALUES (?, ?)")
        for part in parts {
            try insert.execute(arguments: [part.tensor, lines[Int(part.line)]])
        }
        let mark = try database.cachedStatement(
            sql: "UPDATE published SET is_read = 1 WHERE reference = ? AND digest = ?")
        for one in read { try mark.execute(arguments: [one.line, one.file.digest.hex]) }
    }
}

extension Digest {
    /// The first eight bytes as a number, which SQLite keeps small.
    var firstEightBytes: Int64 {
        Int64(bitPattern: UInt64(hex.prefix(16), radix: 16) ?? 0)
    }
}
