internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// A line of signed records beside the models: what was decided about erasing versions of a model,
/// what a registry has deleted, or the life of a request to erase.
///
/// Each commit adds one file, `<step>/<number>.json`, and keeps those before it, so the newest
/// commit has them all. Commits are signed and logged as versions are.
struct RecordLine {
    /// What a record is about; the folder it lies in, and the operation in the log.
    enum Step: String, CaseIterable {
        /// Versions are revoked.
        case revoke
        /// Objects get tombstones.
        case purge
        /// A verifier measured the first version for the time after it.
        case yardstick
        /// A registry says what it has deleted.
        case receipt
        /// A request to erase came in.
        case received
        // Each of the others is a `CaseStep` of the same name.
        case identified
        case accepted
        case refused
        case extended
        case planned
        case run
        case verified
        case propagated
        case notified
        case closed
        case withdrawn
    }

    /// One record as the line has it.
    struct Entry {
        let step: Step
        /// Its place in the line, from 1.
        let number: Int
        let bytes: [UInt8]

        var digest: Digest { Digest(hashing: bytes) }
    }

    let registry: Registry
    let reference: ReferenceName

    /// Every record, oldest first, after checking that an operator signed the newest commit.
    ///
    /// - Throws: `refused` if nobody trusted signed it, `malformed` if its tree is none of Lethe's.
    func entries() throws(LetheError) -> [Entry] {
        guard let tip = try registry.storage.lineage.target(of: reference) else { return [] }
        try registry.checkSignature(of: tip, registry.trustedKeys())
        return try entries(at: tip)
    }

    /// The records in the tree of one commit, in order; they are numbered from 1 without a gap.
    func entries(at commit: CommitID) throws(LetheError) -> [Entry] {
        var found: [Entry] = []
        for file in try registry.storage.lineage.files(at: commit) {
            let parts = file.path.split(separator: "/")
            guard parts.count == 2, let step = Step(rawValue: String(parts[0])),
                parts[1].hasSuffix(".json"), let number = Int(parts[1].dropLast(5))
            else { throw malformed("it has the file \(file.path.prefix(80))") }
            found.append(
                Entry(
                    step: step, number: number, bytes: try registry.storage.lineage.read(file)))
        }
        found.sort { $0.number < $1.number }
        guard found.map(\.number) == Array(0..<found.count).map({ $0 + 1 }) else {
            throw malformed("its records are not numbered in order")
        }
        return found
    }

    /// Writes a record as the newest of the line.
    ///
    /// - Parameter count: How many records the line must have, if the caller has looked at it.
    /// - Throws: `conflict` if another writer was first; as `WriteOrder.write`.
    @discardableResult
    func append(
        _ bytes: [UInt8], as step: Step, summary: String, after count: Int? = nil,
        keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> Entry {
        let lineage = registry.storage.lineage
        let tip = try lineage.target(of: reference)
        let before = try tip.mapping(entries(at:)) ?? []
        guard count ?? before.count == before.count else { throw overtaken() }
        let entry = Entry(step: step, number: before.count + 1, bytes: bytes)
        var tree: [TreePath: [UInt8]] = [:]
        for one in before + [entry] { tree[try TreePath(Self.path(of: one))] = one.bytes }
        let draft = CommitDraft(
            tree: tree, parents: tip.map { [$0] } ?? [],
            message: "\(summary)\n\nLethe-Operation: \(step.rawValue)\n",
            author: Registry.author, secondsSince1970: now.secondsSince1970)
        let reference = reference
        let write = VersionWrite(
            draft, on: reference, from: tip,
            logged: { (commit, signed) throws(LetheError) in
                try LogLeaf(
                    entry, of: reference, after: before.last, time: now, signed: signed,
                    commit: commit)
            },
            indexed: {
                IndexedVersion(
                    reference: reference, number: entry.number, commit: $0, parent: tip,
                    operation: reference.kind?.rawValue ?? "",
                    secondsSince1970: now.secondsSince1970, summary: summary, files: [],
                    requests: [])
            })
        _ = try registry.writeOrder(keys).write(
            [write], objects: registry.storage.objects.batch(), sign: Registry.signer(keys))
        return entry
    }

    /// Checks that a commit's tree is its parent's and one record more, and that the record is one.
    ///
    /// - Throws: `malformed`, `integrity`.
    func check(_ commit: CommitID, after parent: CommitID?) throws(LetheError) {
        let now = try entries(at: commit)
        let before = try parent.mapping(entries(at:)) ?? []
        guard now.count == before.count + 1, let last = now.last,
            now.dropLast().map(\.digest) == before.map(\.digest)
        else { throw malformed("a commit does more than to add one record") }
        guard try registry.subject(of: last) == reference.name else {
            throw malformed("the record \(last.number) is about something else")
        }
    }

    /// The entries that the log must have for the line up to a commit, oldest first.
    func leaves(
        tip: CommitID, signed: (CommitID) throws(LetheError) -> Digest
    ) throws(LetheError) -> [LogLeaf] {
        var leaves: [LogLeaf] = []
        var before: Entry?
        for commit in try registry.storage.lineage.history(from: tip).reversed() {
            guard let entry = try entries(at: commit.id).last else {
                throw malformed("a commit has no record")
            }
            leaves.append(
                try LogLeaf(
                    entry, of: reference, after: before,
                    time: Timestamp(secondsSince1970: commit.secondsSince1970),
                    signed: signed(commit.id), commit: commit.id))
            before = entry
        }
        return leaves
    }

    private static func path(of entry: Entry) -> String {
        "\(entry.step.rawValue)/\(entry.number).json"
    }

    private func overtaken() -> LetheError {
        LetheError(
            code: .conflict, message: "\(reference) went on while this was being written.",
            remedy: "See what was done, and run the command again if it still makes sense.")
    }

    private func malformed(_ complaint: String) -> LetheError {
        LetheError(
            code: .malformed, message: "\(reference) is not as Lethe writes it: \(complaint).",
            remedy: "Restore the lineage from a backup or another clone.")
    }
}

extension LogLeaf {
    /// The entry of a record of a line beside the models.
    fileprivate init(
        _ entry: RecordLine.Entry, of reference: ReferenceName, after before: RecordLine.Entry?,
        time: Timestamp, signed: Digest, commit: CommitID
    ) throws(LetheError) {
        guard let kind = reference.kind else {
            throw LetheError(code: .invalidArgument, message: "\(reference) is no line.")
        }
        self.init(
            kind: kind, name: reference.name, number: entry.number,
            operation: entry.step.rawValue, time: time, record: entry.digest,
            previous: before?.digest, signed: signed, commit: commit.hex)
    }
}
