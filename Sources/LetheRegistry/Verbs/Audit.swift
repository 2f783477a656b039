public import LetheRecords
public import LetheStorage

/// What an audit of the history found.
public struct AuditReport: Sendable {
    /// The log's name.
    public internal(set) var origin: String
    /// How many entries the log has; 0 if there is none.
    public internal(set) var size = 0
    /// The root over them; nil if the checkpoint cannot be trusted.
    public internal(set) var root: Digest?
    /// How many entries the saved checkpoint covers; nil if none was given.
    public internal(set) var savedSize: Int?
    /// Judgements in the order of the log.
    public internal(set) var judgements: [JudgementEntry] = []
    /// Where each line's entries are in the log, oldest first.
    public internal(set) var places: [ReferenceName: [Int]] = [:]
    /// Everything found, damage first.
    public internal(set) var findings: [StoreFinding] = []

    /// Whether history is what was logged, and extends the saved checkpoint if one was given.
    public var isClean: Bool { !findings.contains(where: \.isDamage) }
}

extension Registry {
    /// Proves that the present history is the one that was logged, and that it extends an earlier
    /// one.
    ///
    /// The checkpoint's signature is checked, every hash of the log is recomputed from its
    /// entries, every entry is compared with the version it names, every version must have its
    /// entry, and the log must begin with what the saved checkpoint covers.
    ///
    /// - Parameter saved: The bytes of a checkpoint that was kept elsewhere.
    /// - Throws: `malformed`, `integrity` or `refused` if the saved checkpoint is none of this
    ///   registry's; what is wrong with the registry is a finding.
    public func audit(against saved: [UInt8]? = nil) throws(LetheError) -> AuditReport {
        try loggedHistory().audit(against: saved)
    }
}

/// One audit.
struct LogAudit {
    let history: LoggedHistory
    let saved: Checkpoint?

    func run() throws(LetheError) -> AuditReport {
        var report = AuditReport(origin: history.origin ?? saved?.origin ?? "")
        report.savedSize = saved?.size
        var ledger = try LineageLedger(history)
        let checkpoint: Checkpoint
        switch present() {
        case .checkpoint(let found): checkpoint = found
        case .finding(let finding):
            report.findings = [finding] + (saved.map { [cut($0, to: 0, ledger)] } ?? [])
            return report
        }
        report.size = checkpoint.size
        report.root = checkpoint.root.digest
        report.origin = checkpoint.origin
        let scan = LogScan(history.log, checkpoint: checkpoint)
        let outcome = try scan.run(rootAt: saved?.size) { (index, entry) in
            ledger.tick(index, entry)
        }
        report.findings = outcome.findings + ledger.findings + scan.leftovers()
        report.judgements = ledger.judged
        report.places = ledger.places
        if outcome.entryCount == checkpoint.size {
            report.findings += ledger.unlogged()
            report.findings += try ledger.gone(lastIndex: checkpoint.size - 1)
        }
        if let saved { report.findings += compare(saved, checkpoint, outcome, ledger) }
        report.findings.sort()
        return report
    }

    private enum Present {
        case checkpoint(Checkpoint)
        case finding(StoreFinding)
    }

    private func present() -> Present {
        do throws(LetheError) {
            guard let bytes = try history.log.checkpointBytes() else { return noLog }
            return .checkpoint(try history.open(bytes))
        } catch {
            return .finding(
                StoreFinding(
                    code: "log-checkpoint-\(error.code)", place: "log/checkpoint",
                    message: [error.message, error.cause].compactMap { $0 }.joined(separator: " "),
                    remedy: error.remedy ?? "Restore log/checkpoint from a backup."))
        }
    }

    private var noLog: Present {
        let isOlder = !history.isLogExpected
        return .finding(
            StoreFinding(
                isDamage: !isOlder, code: "log-missing", place: "log/checkpoint",
                message: isOlder
                    ? "The registry is older than its log: nothing proves its history yet."
                    : "The registry's log is gone.",
                remedy: isOlder
                    ? "The next command that writes starts the log."
                    : "Restore the folder log/ from a backup or another copy of the registry."))
    }

    /// Whether the log begins with what the saved checkpoint covers, and if not, where it parts.
    private func compare(
        _ saved: Checkpoint, _ present: Checkpoint, _ outcome: LogScan.Outcome,
        _ ledger: LineageLedger
    ) -> [StoreFinding] {
        if saved.size > present.size { return [cut(saved, to: present.size, ledger)] }
        guard let root = outcome.rootAtSize else { return [] }
        if root == saved.root { return [] }
        let isFork = saved.size == present.size
        let first = ledger.findings.first { $0.code == "log-entry-differs" }
        return [
            StoreFinding(
                code: isFork ? "log-forked" : "log-rewritten", place: "log/checkpoint",
                message: (isFork
                    ? "The log has \(saved.size) entries as the saved checkpoint has, but others."
                    : "The first \(saved.size) of the log's \(present.size) entries are not those "
                        + "that the saved checkpoint covers.")
                    + (first.map { " The first that is known to differ: \($0.message)" } ?? ""),
                remedy: remedy)
        ]
    }

    private func cut(
        _ saved: Checkpoint, to size: Int, _ ledger: LineageLedger
    ) -> StoreFinding {
        let still = try? history.log.reading(size: saved.size).root(size: saved.size)
        let entry = try? history.log.entry(at: size, size: saved.size)
        let leaf = entry.flatMap { try? LogLeaf.read(canonical: $0) }
        let first =
            still == saved.root
            ? leaf.map { " They still lie in log/; the first is \($0.title)." }
            : ledger.unlogged().first.map { " \($0.message)" }
        return StoreFinding(
            code: "log-cut", place: "log/checkpoint",
            message: "The log was cut: the saved checkpoint covers \(saved.size) entries, the "
                + "present one \(size), so entries \(size) to \(saved.size - 1) are gone."
                + (first ?? ""),
            remedy: remedy)
    }

    private var remedy: String {
        "Restore log/ and lineage.git from a copy that extends the saved checkpoint, and find out "
            + "who changed this one."
    }
}
