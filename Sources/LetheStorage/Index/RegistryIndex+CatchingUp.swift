internal import Dispatch
internal import Foundation
internal import GRDB
public import LetheRecords
internal import Synchronization

extension RegistryIndex {
    /// Throws everything away and reads the lineage again, on all cores.
    ///
    /// - Throws: what the lineage throws; the index reads the rest again when it is next asked.
    public func rebuild() throws(LetheError) {
        try write { database in
            for table in IndexSchema.tableNames {
                try database.execute(sql: "DELETE FROM \(table)")
            }
        }
        try catchUp()
        try readPublishedRecipes()
    }

    /// Throws one line away and reads it again: for an answer that turned out wrong.
    public func reread(_ reference: ReferenceName) throws(LetheError) {
        let name = reference.description
        try leavingFileIfNeeded { () throws(LetheError) in
            try write { database in try IndexRows.drop(name, from: database) }
        }
        try catchUp(reference)
    }

    /// Reads the lines again whose tip is not the one that the index knows.
    ///
    /// - Returns: how many lines were read.
    @discardableResult
    public func refresh() throws(LetheError) -> Int {
        let known = try read { database in
            try Row.fetchAll(database, sql: "SELECT reference, target FROM tips")
                .reduce(into: [String: String]()) { $0[$1["reference"]] = $1["target"] }
        }
        let lines = try lineage.references().filter { !$0.name.isTag }
        let gone = Set(known.keys).subtracting(lines.map(\.name.description))
        if !gone.isEmpty {
            try write { database in
                for name in gone { try IndexRows.drop(name, from: database) }
            }
        }
        let stale = lines.filter { known[$0.name.description] != $0.target.hex }
        try bringAll(stale)
        return stale.count
    }

    /// Brings every line up to the lineage.
    func catchUp() throws(LetheError) {
        try leavingFileIfNeeded { () throws(LetheError) in try catchUpIfMoved() }
    }

    /// Brings one line up to the lineage.
    func catchUp(_ reference: ReferenceName) throws(LetheError) {
        try leavingFileIfNeeded { () throws(LetheError) in try catchUpIfMoved(reference) }
    }

    private func catchUpIfMoved() throws(LetheError) {
        let now = Int(Date().timeIntervalSince1970 * 1e9)
        // Looked at before the references are read: a later change makes another stamp.
        let stamp = try ReferenceStamp(of: lineage.url.path, nowNanoseconds: now)
        let digest = stamp.digest.hex
        let known = try? read { database in
            try String.fetchOne(database, sql: "SELECT digest FROM stamps WHERE name = 'lines'")
        }
        if known == digest { return }
        try refresh()
        guard stamp.isSettled else { return }
        try? write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO stamps VALUES ('lines', ?)", arguments: [digest])
        }
    }

    private func catchUpIfMoved(_ reference: ReferenceName) throws(LetheError) {
        let name = reference.description
        let known = try read { try IndexRows.tip(of: name, in: $0) }
        guard let target = try lineage.target(of: reference) else {
            guard known != nil else { return }
            return try write { try IndexRows.drop(name, from: $0) }
        }
        if known?.target != target.hex { try bring(reference, to: target, reading: lineage) }
    }

    private func bringAll(
        _ lines: [(name: ReferenceName, target: CommitID)]
    ) throws(LetheError) {
        let next = Mutex(0)
        let failure = Mutex<LetheError?>(nil)
        let workers = min(lines.count, ProcessInfo.processInfo.activeProcessorCount)
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            do throws(LetheError) {
                // libgit2 wants a repository of its own for each thread.
                let own = worker == 0 ? lineage : try lineage.another()
                while failure.withLock({ $0 == nil }) {
                    let index = next.withLock { next in
                        defer { next += 1 }
                        return next
                    }
                    guard index < lines.count else { return }
                    try bring(lines[index].name, to: lines[index].target, reading: own)
                }
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Reads the versions of a line that the index lacks; the whole line if its history changed.
    private func bring(
        _ reference: ReferenceName, to target: CommitID, reading lineage: Lineage
    ) throws(LetheError) {
        let name = reference.description
        let known = try read { try IndexRows.tip(of: name, in: $0) }
        let (commits, isSameHistory) = try lineage.history(
            from: target, until: known.flatMap { CommitID($0.target) })
        let start = isSameHistory ? known?.position ?? 0 : 0
        var versions: [IndexedVersion] = []
        for (offset, commit) in commits.reversed().enumerated() {
            versions.append(try reader(reference, commit, start + offset + 1, lineage))
        }
        let found = versions
        try write { database in
            // Another process may have been faster; then the next question compares again.
            guard try IndexRows.tip(of: name, in: database) == known || known == nil else { return }
            if start == 0 { try IndexRows.drop(name, from: database) }
            for (offset, version) in found.enumerated() {
                try IndexRows.append(version, at: start + offset + 1, to: database)
            }
        }
    }
}
