internal import Dispatch
internal import Foundation
internal import LetheCertificates
public import LetheRecords
internal import LetheRegistry
internal import LetheStorage
internal import Synchronization

/// One audit of everything that a lineage claims.
///
/// It computes nothing on images or weights and needs no object: it says whether signatures, log,
/// certificates and requests fit together, not whether the figures were measured honestly.
public struct LineageAudit: Sendable {
    private let source: AuditSource
    private let saved: [UInt8]?

    /// Audits a source.
    ///
    /// - Parameter saved: The bytes of a checkpoint that the auditor kept from an earlier time.
    public init(_ source: AuditSource, against saved: [UInt8]? = nil) {
        self.source = source
        self.saved = saved
    }

    /// Runs it; what is wrong with the lineage is a finding.
    ///
    /// - Throws: `integrity` or `io` if the references cannot be read; `refused`, `malformed` for a
    ///   saved checkpoint that is none of this log's.
    public func run() throws(LetheError) -> Dossier {
        let references = try source.lineage.references().filter { !$0.name.isTag }
        var dossier = Dossier()
        dossier.trustsItself = source.trustsItself
        var book = AuditBook()
        var lines = walkModels(references.filter(\.name.isModel), &book)
        for (name, tip) in references where !name.isModel {
            let walk = RecordWalk(lineage: source.lineage, source: source, reference: name)
            dossier.records.append(walk.run(to: tip, &book))
        }
        checkErasures(dossier.records, &lines, &book)
        dossier.log = try checkLog(lines, dossier.records, &book)
        if let log = dossier.log {
            let check = JudgementCheck(logged: Dictionary(grouping: log.judgements, by: \.model))
            for index in lines.indices { check.run(on: &lines[index], &book) }
        }
        checkRequests(dossier.records, lines, &book)
        for line in lines {
            EpochCheck.run(on: line, &book)
            Self.note(line, &book)
        }
        dossier.lines = lines
        dossier.tallies = book.tallies
        dossier.findings = Array(Set(book.findings)).sorted()
        return dossier
    }

    /// Walks the models on all cores; each worker has the repository open for itself.
    private func walkModels(
        _ references: [(name: ReferenceName, target: CommitID)], _ book: inout AuditBook
    ) -> [AuditedLine] {
        let workerCount = min(ProcessInfo.processInfo.activeProcessorCount, references.count)
        let results = Mutex<[(line: AuditedLine, book: AuditBook)]>([])
        let next = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: workerCount) { _ in
            let lineage = (try? source.lineage.another()) ?? source.lineage
            while let index = Self.take(next, below: references.count) {
                var walk = LineWalk(
                    lineage: lineage, source: source, model: references[index].name.name)
                let result = walk.run(to: references[index].target)
                results.withLock { $0.append(result) }
            }
        }
        let found = results.withLock { $0 }.sorted { $0.line.model < $1.line.model }
        for result in found { book.merge(result.book) }
        return found.map(\.line)
    }

    private static func take(_ next: borrowing Mutex<Int>, below count: Int) -> Int? {
        next.withLock { position in
            guard position < count else { return nil }
            position += 1
            return position - 1
        }
    }

    private func checkErasures(
        _ records: [AuditedRecords], _ lines: inout [AuditedLine], _ book: inout AuditBook
    ) {
        var check = ErasureCheck(source: source)
        let decisions = Dictionary(
            records.filter { $0.reference.kind == .erasure }.map { ($0.reference.name, $0) }
        ) { one, _ in one }
        for index in lines.indices {
            check.run(decisions[lines[index].model], on: &lines[index], &book)
        }
        // Decisions may have come here before the model that they are about.
        for (model, records) in decisions where !lines.contains(where: { $0.model == model }) {
            var absent = AuditedLine(model: model)
            check.run(records, on: &absent, &book)
        }
        for receipts in records where receipts.reference.kind == .receipts {
            check.check(receipts, &book)
        }
    }

    private func checkRequests(
        _ records: [AuditedRecords], _ lines: [AuditedLine], _ book: inout AuditBook
    ) {
        let check = RequestLifeCheck(
            lines: lines, records: records, policies: Array(source.policies.values))
        for line in records where line.reference.kind == .request { check.run(line, &book) }
    }

    /// Compares the log with what was walked; nil if there is no log at hand.
    private func checkLog(
        _ lines: [AuditedLine], _ records: [AuditedRecords], _ book: inout AuditBook
    ) throws(LetheError) -> AuditReport? {
        guard let log = source.log else {
            let what = "No log was handed over, so nothing proves that history was not cut."
            book.leaveOpen(
                .log, at: "log", what,
                remedy: "Ask for a copy of the registry's folder log/ and name it with --log.")
            return nil
        }
        let leaves = LineLeaves(lines, records)
        let history = LoggedHistory(
            lineage: source.lineage, log: log, trusted: source.trusted, origin: source.origin,
            isLogExpected: source.isLogExpected,
            leaves: { (reference, _) throws(LetheError) in try leaves.leaves(of: reference) })
        let report = try history.audit(against: saved)
        let late = ["log-cut", "log-forked", "log-rewritten"]
        book.add(.log, checked: report.size, report.findings.filter { !late.contains($0.code) })
        if saved != nil {
            book.add(
                .checkpoint, checked: 1, report.findings.filter { late.contains($0.code) })
        } else {
            book.leaveOpen(
                .checkpoint, at: "log/checkpoint",
                "No earlier checkpoint was given, so a log that was begun anew would not show.",
                remedy: "Keep this one with --save, and name it with --against next time.")
        }
        return report
    }

    /// What a reader should know of a line although nothing is wrong with it.
    private static func note(_ line: AuditedLine, _ book: inout AuditBook) {
        guard let tip = line.versions.last, !tip.requests.isEmpty,
            tip.manifest.operation != .certify
        else { return }
        book.note(
            code: "not-certified", at: tip.name,
            "\(tip.name), the newest of its line, answers for \(tip.requests.count) requests and is "
                + "not certified; pull does not give it out.",
            remedy: "Nothing to do, unless somebody uses it all the same.")
    }
}

/// The entries that the log must have, from what was walked.
struct LineLeaves {
    private let lines: [String: AuditedLine]
    private let records: [ReferenceName: AuditedRecords]

    init(_ lines: [AuditedLine], _ records: [AuditedRecords]) {
        self.lines = Dictionary(lines.map { ($0.model, $0) }) { one, _ in one }
        self.records = Dictionary(records.map { ($0.reference, $0) }) { one, _ in one }
    }

    /// The entries of one line, oldest first.
    ///
    /// - Throws: `refused` for a commit without a signature, which no entry can name.
    func leaves(of reference: ReferenceName) throws(LetheError) -> [LogLeaf] {
        if reference.isModel {
            var leaves: [LogLeaf] = []
            for version in lines[reference.name]?.versions ?? [] {
                leaves.append(try leaf(version))
            }
            return leaves
        }
        guard let kind = reference.kind else { return [] }
        var previous: Digest?
        var leaves: [LogLeaf] = []
        for entry in records[reference]?.entries ?? [] {
            leaves.append(
                LogLeaf(
                    kind: kind, name: reference.name, number: entry.number, operation: entry.step,
                    time: entry.time, record: entry.digest, previous: previous,
                    signed: try signed(entry.signature, entry.commit), commit: entry.commit.hex))
            previous = entry.digest
        }
        return leaves
    }

    private func leaf(_ version: AuditedVersion) throws(LetheError) -> LogLeaf {
        let manifest = version.manifest
        return LogLeaf(
            kind: .model, name: manifest.model, number: manifest.number,
            operation: manifest.operation.rawValue, time: manifest.created,
            record: version.digest, previous: manifest.parent,
            signed: try signed(version.signature, version.commit),
            certificate: manifest.certificate,
            request: manifest.operation.honoursRequest ? version.requests.last?.digest : nil,
            commit: version.commit.hex)
    }

    private func signed(
        _ signature: CommitSignature?, _ commit: CommitID
    ) throws(LetheError) -> Digest {
        guard let signature else {
            throw LetheError(
                code: .refused, message: "The commit \(commit) has no signature that holds.",
                remedy: "Somebody else wrote it; ask the operator.")
        }
        return Digest(hashing: signature.signedBytes)
    }
}
