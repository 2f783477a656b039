internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// Walks a line that is no model's: datasets, decisions about erasing, receipts, and whatever a
/// newer Lethe adds.
struct RecordWalk {
    let lineage: Lineage
    let source: AuditSource
    let reference: ReferenceName

    /// Reads the line up to a commit; checks signatures, and that each commit adds one record.
    func run(to tip: CommitID, _ book: inout AuditBook) -> AuditedRecords {
        var found = AuditedRecords(reference: reference)
        let topic = topic
        do throws(LetheError) {
            var before: [String: String] = [:]
            for commit in try lineage.history(from: tip).reversed() {
                let place = "\(reference) at \(commit.id.hex.prefix(12))"
                var signature: CommitSignature?
                book.check(.signatures, at: place) { () throws(LetheError) in
                    signature = try CommitCheck.signature(
                        of: commit.id, in: lineage, source.trusted)
                }
                let files = try lineage.tree(of: commit.id).files
                let number = found.entries.count + 1
                var added: TreeFile?
                book.check(topic, at: place) { () throws(LetheError) in
                    added = try self.added(files, to: before, number: number)
                }
                before = files.mapValues(\.blob)
                guard let added else { continue }
                found.entries.append(
                    AuditedRecord(
                        number: number, step: step(of: added.path),
                        bytes: try lineage.read(added), commit: commit.id, signature: signature,
                        time: Timestamp(secondsSince1970: commit.secondsSince1970)))
            }
        } catch {
            book.check(topic, at: "\(reference)") { () throws(LetheError) in throw error }
        }
        return found
    }

    private var topic: AuditTopic {
        switch reference.kind {
        case .receipts: .receipts
        case .erasure: .erasures
        case .request: .requests
        default: .history
        }
    }

    private func step(of path: String) -> String {
        reference.kind == .dataset ? "dataset" : String(path.prefix { $0 != "/" })
    }

    /// The one file that a commit adds; a dataset's line has one file that is replaced.
    private func added(
        _ files: [String: TreeFile], to before: [String: String], number: Int
    ) throws(LetheError) -> TreeFile {
        if reference.kind == .dataset {
            guard files.count == 1, let file = files["dataset.json"] else {
                throw CommitCheck.inconsistent("\(reference)", "a commit holds no one dataset")
            }
            return file
        }
        let new = files.values.filter { before[$0.path] != $0.blob }
        guard new.count == 1, let file = new.first, files.count == before.count + 1,
            file.path.hasSuffix("/\(number).json")
        else {
            throw CommitCheck.inconsistent(
                "\(reference)", "a commit does more than to add one record")
        }
        return file
    }
}
