internal import Foundation
internal import LetheCertificates
public import LetheRecords
public import LetheStorage

/// What an audit of another registry found.
public struct RemoteAudit: Sendable {
    /// Where it is.
    public let address: String
    /// Its lines.
    public internal(set) var lineCount = 0
    /// Decisions of this registry, revocations and purges, that it knows.
    public internal(set) var decisionCount = 0
    /// Objects with a tombstone that it was asked for and says that it does not have.
    public internal(set) var absentCount = 0
    /// Tombstones that a signed receipt of its own covers.
    public internal(set) var receiptCount = 0
    /// What was read of it.
    public internal(set) var tally = TransferTally()
    /// Everything found, damage first.
    public internal(set) var findings: [StoreFinding] = []

    /// Whether it knows every decision, has nothing that was purged, and gives true bytes.
    public var isClean: Bool { !findings.contains(where: \.isDamage) }
}

extension Registry {
    /// Asks another registry whether it honours what was decided here, and whether its bytes are
    /// true.
    ///
    /// - Parameter readsObjects: Whether every object of its versions is read; otherwise only what
    ///   was purged is asked for.
    /// - Throws: `io` if the way is cut off; what is wrong with it is a finding.
    public func audit(
        remote address: RemoteAddress, readsObjects: Bool = true,
        progress: @escaping ProgressHandler = { _ in }
    ) throws(LetheError) -> RemoteAudit {
        try address.withSource(for: storage) { (source) throws(LetheError) in
            var auditor = try RemoteAuditor(self, source)
            try auditor.compareLines()
            try auditor.askForPurged()
            if readsObjects { try auditor.readObjects(progress) }
            auditor.report.findings.sort()
            return auditor.report
        }
    }
}

/// One audit of another registry.
private struct RemoteAuditor {
    var report: RemoteAudit
    private let registry: Registry
    private let source: TransferSource
    private let trusted: TrustedKeys
    private let theirs: [ReferenceName: CommitID]
    /// The keys that its operator says are its own; they count for its receipts only.
    private let listed: TrustedKeys?

    init(_ registry: Registry, _ source: TransferSource) throws(LetheError) {
        self.registry = registry
        self.source = source
        listed = try? RegistrySource(source.layout.root).sealedKeys().keys
        trusted = try registry.trustedKeys()
        var theirs: [ReferenceName: CommitID] = [:]
        for name in try source.lineage.lineNames() {
            theirs[name] = try? source.lineage.target(of: name)
        }
        self.theirs = theirs
        report = RemoteAudit(address: source.name)
        report.lineCount = theirs.count
    }

    /// Both have the same lines; where one is behind, it is said which.
    mutating func compareLines() throws(LetheError) {
        for (name, tip) in theirs.sorted(by: { $0.key < $1.key }) where name.kind != .receipts {
            let (lineage, trusted) = (source.lineage, trusted)
            check(name.description, "remote-untrusted") { () throws(LetheError) in
                try Registry.check(lineage.signature(of: tip), of: tip, trusted)
            }
        }
        for name in try registry.storage.lineage.lineNames() where name.kind != .receipts {
            guard theirs[name] != nil else {
                lacks(name, isDamage: name.kind == .erasure && knowsModel(of: name))
                continue
            }
            try compare(name)
        }
    }

    private mutating func compare(_ name: ReferenceName) throws(LetheError) {
        let transfer = RegistryTransfer(from: source, to: registry.storage)
        var found: LineComparison?
        check(name.description, "remote-damaged") { () throws(LetheError) in
            found = try transfer.compare(name).comparison
        }
        switch found {
        case nil: break
        case .same, .forward:
            if name.kind == .erasure {
                report.decisionCount += try registry.erasureLine(of: name.name).entries().count
            }
        case .ahead: lacks(name, isDamage: name.kind == .erasure)
        case .diverged, .unrelated:
            report.findings.append(
                StoreFinding(
                    code: "remote-differs", place: name.description,
                    message: "\(source.name) tells another history of \(name.name).",
                    remedy: "Find out who changed which; lethe audit --against tells for this one."
                ))
        }
    }

    private func knowsModel(of name: ReferenceName) -> Bool {
        (try? ReferenceName.model(name.name)).flatMap { theirs[$0] } != nil
    }

    private mutating func lacks(_ name: ReferenceName, isDamage: Bool) {
        let what =
            isDamage
            ? "does not know every revocation and purge of \(name.name)"
            : "lacks a part of \(name.name)"
        report.findings.append(
            StoreFinding(
                isDamage: isDamage, code: isDamage ? "remote-decisions-missing" : "remote-behind",
                place: name.description, message: "\(source.name) \(what).",
                remedy: "Push to it, or fetch there."))
    }

    /// What tombstones name and no surviving version needs must not be there any more.
    mutating func askForPurged() throws(LetheError) {
        var purged = try registry.erasedContent().objects
        guard !purged.isEmpty else { return }
        var needs = try registry.objectNeeds(besides: [])
        try needs.update()
        purged.subtract(needs.holders.keys)
        for digest in purged.sorted() {
            guard try source.objects.contains(digest) else {
                report.absentCount += 1
                continue
            }
            report.findings.append(
                StoreFinding(
                    code: "remote-has-purged", place: digest.description,
                    message: "\(source.name) still has an object that was purged here.",
                    remedy: "Push the tombstones to it, or run lethe purge there."))
        }
        report.receiptCount = try coveredByReceipts()
    }

    /// How many of this registry's tombstones a receipt covers that the other one's line has.
    private func coveredByReceipts() throws(LetheError) -> Int {
        var covered: Set<Digest> = []
        // A bucket has no registry of its own to speak for it: whoever pushes there signs.
        let isBucket = source.name.hasPrefix(DeletionReceipt.bucketScheme)
        for (name, tip) in theirs
        where name.kind == .receipts && (isBucket || name.name != registry.id) {
            let signature = try? source.lineage.signature(of: tip)
            guard let listed, (try? Registry.check(signature, of: tip, listed)) != nil else {
                continue
            }
            for file in try source.lineage.files(at: tip) {
                let bytes = try source.lineage.read(file)
                guard let receipt = try? DeletionReceipt.read(canonical: bytes),
                    isBucket ? receipt.isAbout(bucket: source.name) : !receipt.isAboutBucket
                else { continue }
                covered.formUnion(receipt.tombstones)
            }
        }
        var count = 0
        for model in try registry.modelsWithErasures() {
            count += try registry.erasureRecords(of: model).tombstones
                .count { covered.contains($0.digest) }
        }
        return count
    }

    /// Every object of every version that is not erased has the bytes that its digest says.
    mutating func readObjects(_ progress: ProgressHandler) throws(LetheError) {
        var inspection = SourceInspection(source)
        let lines = theirs.filter { $0.key.isModel }.sorted { $0.key < $1.key }
        for (number, (name, tip)) in lines.enumerated() {
            let erased = try registry.erasureRecords(of: name.name).erased
            let history = try source.lineage.history(from: tip)
            for commit in history {
                let version = try VersionIndexing.version(commit, in: source.lineage)
                if erased.contains(version.reference) { continue }
                for file in version.storedFiles { try inspection.inspect(file) }
            }
            progress(Progress(phase: "reading (lines)", done: number + 1, total: lines.count))
        }
        report.tally = inspection.tally
        for (digest, error) in inspection.faults {
            report.findings.append(
                StoreFinding(
                    code: error.code == .notFound ? "remote-lacks-object" : "remote-poisoned",
                    place: digest.description, message: error.message,
                    remedy: "Do not fetch from it; push the object to it anew after its operator "
                        + "has removed that one."))
        }
    }

    private mutating func check(
        _ place: String, _ code: String, _ body: () throws(LetheError) -> Void
    ) {
        do throws(LetheError) {
            try body()
        } catch {
            report.findings.append(
                StoreFinding(
                    code: code, place: place,
                    message: [error.message, error.cause].compactMap { $0 }.joined(separator: " "),
                    remedy: error.remedy ?? "Tell the operator of \(source.name)."))
        }
    }
}

extension Registry {
    fileprivate var id: String { description.id }
}
