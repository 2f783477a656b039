internal import LetheRecords
internal import LetheStorage

/// What the log must hold according to the lineage, ticked off entry by entry.
///
/// It keeps one hash for each version, so that a million versions fit into memory.
struct LineageLedger {
    /// One line, as it was when the ledger was made.
    private struct Line {
        let reference: ReferenceName
        let tip: CommitID
        let hashes: [TreeHash]
        var loggedCount = 0
    }

    /// An entry for a version that the lineage did not have when the ledger was made.
    struct Extra {
        let index: Int
        let leaf: LogLeaf
    }

    let history: LoggedHistory
    private var lines: [ReferenceName: Line] = [:]
    private(set) var findings: [StoreFinding] = []
    private(set) var extras: [Extra] = []
    /// Every judgement, in the order of the log.
    private(set) var judged: [JudgementEntry] = []
    /// Where each line's entries are in the log.
    private(set) var places: [ReferenceName: [Int]] = [:]
    /// The last judgement of each model so far.
    private var judgements: [String: (number: Int, digest: Digest)] = [:]

    /// Reads the lineage; must happen before the checkpoint is read, so that a version written
    /// meanwhile is in the log rather than missing from it.
    init(_ history: LoggedHistory) throws(LetheError) {
        self.history = history
        for (reference, tip) in try history.lineage.references()
        where !reference.isTag {
            do throws(LetheError) {
                let hashes = try history.leaves(reference, tip).mapping {
                    (leaf) throws(LetheError) in TreeHash.leaf(try leaf.canonicalBytes())
                }
                lines[reference] = Line(reference: reference, tip: tip, hashes: hashes)
            } catch {
                findings.append(
                    StoreFinding(
                        code: "line-unreadable", place: reference.description,
                        message: "The line cannot be compared with the log: \(error.message)",
                        remedy: error.remedy ?? "Run lethe fsck."))
            }
        }
    }

    /// Compares an entry with the next version of its line.
    mutating func tick(_ index: Int, _ entry: [UInt8]) {
        if JudgementEntry.claims(entry) { return tickJudgement(index, entry) }
        let leaf: LogLeaf
        let reference: ReferenceName
        do throws(LetheError) {
            leaf = try LogLeaf.read(canonical: entry)
            reference = try ReferenceName(logged: leaf)
        } catch {
            findings.append(
                damage("log-entry-malformed", index, "is no entry that Lethe writes"))
            return
        }
        guard var line = lines[reference] else {
            extras.append(Extra(index: index, leaf: leaf))
            return
        }
        places[reference, default: []].append(index)
        let position = line.loggedCount
        line.loggedCount += 1
        lines[reference] = line
        guard position < line.hashes.count else {
            extras.append(Extra(index: index, leaf: leaf))
            return
        }
        if line.hashes[position] != .leaf(entry) {
            findings.append(difference(index, leaf, line, position))
        }
    }

    /// Compares an entry about a judgement with the one before it of the same model.
    private mutating func tickJudgement(_ index: Int, _ entry: [UInt8]) {
        guard let judgement = try? JudgementEntry.read(canonical: entry) else {
            findings.append(
                damage("log-entry-malformed", index, "is no entry that Lethe writes"))
            return
        }
        judged.append(judgement)
        let last = judgements[judgement.model]
        let isNext =
            judgement.previous == last?.digest
            && (judgement.stage == .announced
                ? judgement.number > last?.number ?? 0 : judgement.number <= last?.number ?? 0)
        judgements[judgement.model] = (
            max(judgement.number, last?.number ?? 0), Digest(hashing: entry)
        )
        if !isNext {
            findings.append(
                damage(
                    "log-entry-differs", index,
                    "(judgement \(judgement.number) of \(judgement.model)) does not follow the one "
                        + "before it"))
        }
    }

    /// Versions of the lineage that no entry names, one finding for each line.
    func unlogged() -> [StoreFinding] {
        lines.values.sorted { $0.reference < $1.reference }.compactMap { line in
            let missing = line.hashes.count - line.loggedCount
            guard missing > 0 else { return nil }
            let kind = line.reference.kind?.rawValue ?? "line"
            let first = "\(kind) \(line.reference.name) v\(line.loggedCount + 1)"
            return StoreFinding(
                code: "version-not-logged", place: "\(line.reference)",
                message: "The log has no entry for \(first)"
                    + (missing > 1 ? " and \(missing - 1) after it." : "."),
                remedy: "The log was cut or an older one was put back, or somebody wrote past "
                    + "Lethe; restore log/ from a backup and compare with a saved checkpoint.")
        }
    }

    /// Entries that name versions which the lineage still does not have.
    func gone(lastIndex: Int) throws(LetheError) -> [StoreFinding] {
        var found: [StoreFinding] = []
        let firstMoving = min(history.log.firstMovingIndex ?? lastIndex, lastIndex)
        for extra in extras {
            let reference = try ReferenceName(logged: extra.leaf)
            let history = try self.history.lineage.history(of: reference)
            // A writer may have moved the line since the ledger was made.
            if history.contains(where: { $0.id.hex == extra.leaf.commit }) { continue }
            if extra.index >= firstMoving, try self.history.lineage.isPending(extra.leaf) {
                found.append(
                    StoreFinding(
                        isDamage: false, code: "log-ahead", place: "\(reference)",
                        message: "\(extra.leaf.title) is logged, but its writer died before the "
                            + "line moved to it.",
                        remedy: "Nothing to do: the next command that writes moves it."))
            } else {
                found.append(
                    StoreFinding(
                        code: "version-gone", place: "\(reference)",
                        message: "Entry \(extra.index) of the log names \(extra.leaf.title), which "
                            + "the lineage does not have.",
                        remedy: "Somebody moved the line back; restore the lineage from a backup "
                            + "or another clone."))
            }
        }
        return found
    }

    private func difference(
        _ index: Int, _ leaf: LogLeaf, _ line: Line, _ position: Int
    ) -> StoreFinding {
        let leaves = try? history.leaves(line.reference, line.tip)
        let expected = leaves?.indices.contains(position) == true ? leaves?[position] : nil
        let fields = expected.map { leaf.differences(from: $0).joined(separator: ", ") } ?? ""
        let title = expected?.title ?? "version \(position + 1) of \(line.reference.name)"
        return damage(
            "log-entry-differs", index,
            "(\(leaf.title)) is not what the lineage leads to for \(title): it differs in \(fields)"
        )
    }

    private func damage(_ code: String, _ index: Int, _ what: String) -> StoreFinding {
        StoreFinding(
            code: code, place: "log entry \(index)", message: "Entry \(index) of the log \(what).",
            remedy: "The history was changed after it was logged; restore log/ and lineage.git "
                + "from a backup and compare with a saved checkpoint.")
    }
}
