/// One entry of the transparency log: what was done to which line, in digests only.
///
/// It names nobody and says nothing about samples, because a log is for ever. It follows from the
/// version that it logs, so anyone makes it again and compares.
public struct LogLeaf: Record {
    /// The schema's name.
    public static let schemaName = "lethe.log-entry.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// What kind of line it is.
    public var kind: Kind
    /// The model's or dataset's name, the id of the registry whose receipts these are, or that of a
    /// request to erase.
    public var name: String
    /// The number in its line, from 1.
    public var number: Int
    /// What was done: an operation's name, `dataset`, or a step of an erasure or of a request.
    public var operation: String
    /// When, as the record itself says.
    public var time: Timestamp
    /// The digest of the manifest, or of the record.
    public var record: Digest
    /// `record` of the line's entry before this one; nil for the first.
    public var previous: Digest?
    /// SHA-256 of the bytes that the commit's signature covers.
    public var signed: Digest
    /// SHA-256 of the certificate that was issued; nil for other operations.
    public var certificate: Digest?
    /// The digest of the request that was honoured; nil for other operations.
    public var request: Digest?
    /// Where git keeps it: forty digits, a hint that proves nothing.
    public var commit: String

    /// What lines there are.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// The versions of a model.
        case model
        /// The records of a dataset.
        case dataset
        /// What was decided about erasing versions of a model.
        case erasure
        /// What one registry says it has deleted.
        case receipts
        /// The life of one request to erase.
        case request
    }

    /// Describes an entry.
    public init(
        kind: Kind, name: String, number: Int, operation: String, time: Timestamp, record: Digest,
        previous: Digest?, signed: Digest, certificate: Digest? = nil, request: Digest? = nil,
        commit: String
    ) {
        self.kind = kind
        self.name = name
        self.number = number
        self.operation = operation
        self.time = time
        self.record = record
        self.previous = previous
        self.signed = signed
        self.certificate = certificate
        self.request = request
        self.commit = commit
    }

    /// `model faces v3`, for a person.
    public var title: String { "\(kind.rawValue) \(name) v\(number)" }

    /// The names of the fields in which another entry differs, for a person.
    public func differences(from other: LogLeaf) -> [String] {
        let pairs: [(String, Bool)] = [
            ("kind", kind == other.kind), ("name", name == other.name),
            ("number", number == other.number), ("operation", operation == other.operation),
            ("time", time == other.time), ("record", record == other.record),
            ("previous", previous == other.previous), ("signed", signed == other.signed),
            ("certificate", certificate == other.certificate),
            ("request", request == other.request), ("commit", commit == other.commit),
        ]
        return pairs.filter { !$0.1 }.map(\.0)
    }
}
