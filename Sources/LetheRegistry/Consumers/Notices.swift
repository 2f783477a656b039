internal import Foundation
internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

/// A consumer that took a version which is revoked now, and has not said that it is gone.
public struct OwedReceipt: Sendable, Hashable {
    /// What the consumer calls itself.
    public let consumer: String
    /// `faces@v1`.
    public let version: String
    /// When it was pulled.
    public let pulled: Timestamp
}

extension Registry {
    private var pullsFolder: URL { storage.layout.root.appending(path: "pulls") }

    /// Notes who pulled a version, where the registry can be written.
    func note(_ consumer: Consumer, pulled version: Version, now: Timestamp) throws(LetheError) {
        let note = PullNote(
            consumer: consumer.name, key: try consumer.key.verifyingKey.openSSHLine,
            model: version.manifest.model, version: version.reference, pulled: now)
        try put(note.canonicalBytes(), as: "pull-\(try note.digest().hex.prefix(24)).json")
    }

    /// Takes in a receipt that a consumer sent who could not write here.
    ///
    /// - Throws: `malformed`, `refused` if nobody who is known to have pulled signed it.
    public func takeIn(receipt envelope: [UInt8]) throws(LetheError) -> PruneReceipt {
        let keys = Set(try pullNotes().map(\.key))
        guard let found = try Self.open(envelope, signedByAnyOf: keys) else {
            throw LetheError(
                code: .refused,
                message: "The receipt is signed by nobody who is known to have pulled something.",
                remedy: "Ask for the receipt that lethe prune --json printed where the version was "
                    + "pulled with --as.")
        }
        try keep(receipt: envelope)
        return found.record
    }

    /// Keeps a consumer's receipt.
    func keep(receipt envelope: [UInt8]) throws(LetheError) {
        try put(envelope, as: "prune-\(Digest(hashing: envelope).hex.prefix(24)).json")
    }

    private func put(_ bytes: [UInt8], as name: String) throws(LetheError) {
        try storage.requireWritable()
        try storage.files.makeFolder(pullsFolder)
        try storage.files.replaceFile(pullsFolder.appending(path: name), with: bytes)
    }

    /// Who pulled a version that is revoked now and has not signed that it is gone, oldest first.
    ///
    /// - Throws: `malformed` if a note cannot be read.
    public func notices() throws(LetheError) -> [OwedReceipt] {
        var owed: [(note: PullNote, state: VersionState)] = []
        var books: [String: RevocationBook] = [:]
        for note in try pullNotes() {
            let book =
                if let known = books[note.model] { known } else {
                    try revocationBook(of: note.model)
                }
            books[note.model] = book
            let version = try resolve(Revision("\(note.model)@v\(note.version.number)"))
            owed.append((note, book.state(of: version)))
        }
        let receipts = try pruneReceipts()
        return owed.filter { item in
            item.state != .current
                && !receipts.contains { receipt in
                    receipt.key == item.note.key && receipt.record.model == item.note.model
                        && receipt.record.versions.contains(item.note.version)
                        && receipt.record.created >= item.note.pulled
                }
        }.map { item in
            OwedReceipt(
                consumer: item.note.consumer,
                version: "\(item.note.model)@v\(item.note.version.number)",
                pulled: item.note.pulled)
        }.sorted { ($0.pulled, $0.consumer, $0.version) < ($1.pulled, $1.consumer, $1.version) }
    }

    func pullNotes() throws(LetheError) -> [PullNote] {
        try notes(beginning: "pull-").mapping { (bytes) throws(LetheError) in
            try PullNote.read(canonical: bytes)
        }
    }

    /// The receipts whose signature is that of a key that pulled something.
    private func pruneReceipts() throws(LetheError) -> [(key: String, record: PruneReceipt)] {
        let keys = Set(try pullNotes().map(\.key))
        return try notes(beginning: "prune-").mapping { (bytes) throws(LetheError) in
            try Self.open(bytes, signedByAnyOf: keys)
        }.compactMap { $0 }
    }

    private static func open(
        _ bytes: [UInt8], signedByAnyOf keys: Set<String>
    ) throws(LetheError) -> (key: String, record: PruneReceipt)? {
        let envelope = try Envelope(fileBytes: bytes)
        guard envelope.payloadType == PruneReceipt.payloadType else { return nil }
        for key in keys where envelope.isSigned(by: try VerifyingKey(openSSHLine: key)) {
            return (key, try PruneReceipt.read(canonical: envelope.payload))
        }
        return nil
    }

    private func notes(beginning prefix: String) throws(LetheError) -> [[UInt8]] {
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: pullsFolder.path)) ?? []
        return try names.sorted().filter { $0.hasPrefix(prefix) && $0.hasSuffix(".json") }
            .mapping { (name) throws(LetheError) in
                try storage.files.readFile(pullsFolder.appending(path: name))
            }
    }
}
