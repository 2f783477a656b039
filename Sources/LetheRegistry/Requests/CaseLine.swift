internal import LetheCertificates
public import LetheRecords
internal import LetheStorage
internal import Synchronization

/// Reads the records of the line of a request.
enum CaseLine {
    /// Where the request itself is in each commit of its line.
    static let openingPath = "\(RecordLine.Step.received.rawValue)/1.json"

    /// - Throws: `malformed` if the id is not the one that follows from the fields.
    static func opening(_ bytes: [UInt8]) throws(LetheError) -> ErasureCase {
        let opening = try ErasureCase.read(canonical: bytes)
        guard try opening.id == opening.derivedID() else {
            throw malformed("the id \(opening.id.prefix(40)) is not its own")
        }
        return opening
    }

    /// - Throws: `malformed` if it lies in another step's folder.
    static func step(_ entry: RecordLine.Entry) throws(LetheError) -> CaseStep {
        let step = try CaseStep.read(canonical: entry.bytes)
        guard step.step.rawValue == entry.step.rawValue else {
            throw malformed("\(step.step.rawValue) lies under \(entry.step.rawValue)")
        }
        return step
    }

    static func malformed(_ complaint: String) -> LetheError {
        LetheError(
            code: .malformed,
            message: "The line of a request is not as Lethe writes it: "
                + "\(complaint).",
            remedy: "Restore the lineage from a backup or another clone.")
    }
}

/// The requests that a registry has read and checked while it was open.
enum KnownCase {
    /// What a request's life follows from.
    struct Key: Hashable {
        let id: String
        let tip: CommitID
        /// SHA-256 of the file of the trusted keys.
        let trusted: Digest
    }

    /// How many are kept, a few KiB each.
    static let limitCount = 10_000
}

extension Registry {
    /// A request and what was done about it.
    ///
    /// Every commit's signature is checked and compared with the key that its step names, because
    /// two operators who accept must be two.
    ///
    /// - Throws: `notFound`; `refused` if nobody trusted signed a step; `malformed` for steps in an
    ///   order that Lethe does not write.
    public func caseFile(_ id: String) throws(LetheError) -> CaseFile {
        let reference = try ReferenceName.request(id)
        guard let tip = try storage.lineage.target(of: reference) else {
            throw LetheError(
                code: .notFound, message: "There is no request \"\(id)\".",
                remedy: "lethe requests lists them.")
        }
        return try caseFile(id, at: tip)
    }

    /// The same as of one commit of its line.
    ///
    /// Commit and trusted keys decide what it is, so it is read and checked once for both; a server
    /// that shows all requests would take long otherwise.
    func caseFile(_ id: String, at tip: CommitID) throws(LetheError) -> CaseFile {
        let key = KnownCase.Key(id: id, tip: tip, trusted: try trustedKeysDigest())
        if let known = knownCases.withLock({ $0[key] }) { return known }
        let file = try checkedCaseFile(id, at: tip)
        knownCases.withLock { known in
            if known.count >= KnownCase.limitCount { known.removeAll() }
            known[key] = file
        }
        return file
    }

    private func checkedCaseFile(_ id: String, at tip: CommitID) throws(LetheError) -> CaseFile {
        let reference = try ReferenceName.request(id)
        let entries = try RecordLine(registry: self, reference: reference).entries(at: tip)
        let commits = try storage.lineage.history(from: tip).reversed()
        guard let first = entries.first, first.step == .received, commits.count == entries.count
        else { throw CaseLine.malformed("it does not begin with a request") }
        var file = CaseFile(try CaseLine.opening(first.bytes))
        guard file.opening.id == id else { throw CaseLine.malformed("it is another request's") }
        let trusted = try trustedKeys()
        for (entry, commit) in zip(entries, commits) {
            let signer = try signer(of: commit.id, trusted)
            guard entry.number > 1 else { continue }
            let step = try CaseLine.step(entry)
            guard step.operatorKey == signer else {
                throw CaseLine.malformed("somebody else signed the step \(entry.number)")
            }
            try file.add(step)
        }
        return file
    }

    /// Every request, by when it came in.
    ///
    /// - Parameter model: Only those about this model.
    /// - Throws: as `caseFile`.
    public func caseFiles(of model: String? = nil) throws(LetheError) -> [CaseFile] {
        try storage.lineage.references(prefix: "refs/requests/").mapping {
            (reference) throws(LetheError) in try caseFile(reference.name.name)
        }
        .filter { model == nil || $0.opening.model == model }
        .sorted {
            ($0.opening.received, $0.opening.id) < ($1.opening.received, $1.opening.id)
        }
    }

    private func signer(of commit: CommitID, _ trusted: TrustedKeys) throws(LetheError) -> String {
        try checkSignature(of: commit, trusted)
        guard let signature = try storage.lineage.signature(of: commit) else { return "" }
        return try SSHSignature(armored: signature.text).key.identifier
    }

    /// Writes a step, if it may follow.
    ///
    /// - Parameter fill: Sets what the step needs besides.
    /// - Throws: `refused` for a step out of order; `conflict` if another writer was first.
    @discardableResult
    func append(
        _ kind: CaseStep.Kind, to file: CaseFile, reason: String? = nil, keys: KeyFolder,
        now: Timestamp, fill: (inout CaseStep) -> Void = { _ in }
    ) throws(LetheError) -> CaseFile {
        var step = CaseStep(
            case: file.opening.id, step: kind, reason: try reason.mapping(Self.sentence),
            operatorKey: try keys.operatorKey.verifyingKey.identifier, created: now)
        fill(&step)
        var next = file
        try next.add(step)
        guard let place = RecordLine.Step(rawValue: kind.rawValue) else { return next }
        try RecordLine(registry: self, reference: .request(file.opening.id)).append(
            step.canonicalBytes(), as: place,
            summary: "\(kind.rawValue): \(file.opening.id) about \(file.opening.model)",
            after: file.steps.count + 1, keys: keys, now: now)
        return next
    }

    /// A reason as it is kept for ever.
    ///
    /// - Throws: `invalidArgument` for none, a long one, or an e-mail address.
    static func sentence(_ text: String) throws(LetheError) -> String {
        let text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard (1...500).contains(text.utf8.count), !text.contains("@") else {
            throw LetheError(
                code: .invalidArgument,
                message: "A reason has 1 to 500 bytes and no e-mail address.",
                remedy: "Write one sentence without anybody's name: it is kept for ever.")
        }
        return text
    }
}
