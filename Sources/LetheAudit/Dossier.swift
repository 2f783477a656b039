public import LetheCertificates
public import LetheRecords
public import LetheRegistry
public import LetheStorage

/// Everything that an audit found, from which reports and evidence packs are made.
public struct Dossier: Sendable {
    /// What the log says of itself; nil if no log was at hand.
    public internal(set) var log: AuditReport?
    /// The models, by name.
    public internal(set) var lines: [AuditedLine] = []
    /// The other lines, by the full name of their reference.
    public internal(set) var records: [AuditedRecords] = []
    /// How often each thing was looked at.
    public internal(set) var tallies: [AuditTopic: AuditTally] = [:]
    /// Everything found, damage first.
    public internal(set) var findings: [StoreFinding] = []
    /// Whether the keys that were trusted came from the folder that was audited.
    public internal(set) var trustsItself = false

    /// Whether nothing contradicts what the registry claims.
    public var isClean: Bool { !findings.contains(where: \.isDamage) }
    /// How many versions there are.
    public var versionCount: Int { lines.reduce(0) { $0 + $1.versions.count } }
}

/// One model.
public struct AuditedLine: Sendable {
    /// The model's name.
    public let model: String
    /// Its versions, oldest first.
    public internal(set) var versions: [AuditedVersion] = []
    /// The requests that it has honoured, by id, as records.
    public internal(set) var requests: [String: ForgetRequest] = [:]
    /// What was certified last; nil if nothing was.
    public internal(set) var newest: CheckedCertificate?
    /// Its judgements, in the order of the log.
    public internal(set) var judgements: [JudgementEntry] = []
}

/// One version.
public struct AuditedVersion: Sendable {
    /// What it is and how it was made.
    public let manifest: VersionManifest
    /// The digest of the manifest.
    public let digest: Digest
    /// The commit.
    public let commit: CommitID
    /// The commit's signature and what it covers; nil if it has none.
    public let signature: CommitSignature?
    /// The requests that it answers for, oldest first.
    public let requests: [RequestReference]
    /// The certificate that it brought; nil for other operations, and where it is damaged.
    public internal(set) var certificate: CertificateSummary?
    /// Whether it is given out.
    public internal(set) var state = VersionState.current

    /// `faces@v3`.
    public var name: String { "\(manifest.model)@v\(manifest.number)" }
}

/// What is kept of a certificate; its bytes stay in the lineage.
public struct CertificateSummary: Sendable {
    /// SHA-256 of the file.
    public let digest: Digest
    /// The file in the lineage.
    public let file: TreeFile
    /// Who signed, as a fingerprint.
    public let signer: String
    /// Policy, data, and which judgement of the line it is.
    public let bar: JudgedBar
    /// The tier that it claims.
    public let tier: Int
    /// When.
    public let issued: Timestamp
    /// Whether every figure was computed again from its counts.
    public let isRecomputed: Bool
    /// Whether it claims that the files never saw what was deleted.
    public let isExact: Bool
}

/// A line that is no model's: datasets, decisions about erasing, receipts.
public struct AuditedRecords: Sendable {
    /// The full name of the reference.
    public let reference: ReferenceName
    /// The records, oldest first.
    public internal(set) var entries: [AuditedRecord] = []
}

/// One record of such a line.
public struct AuditedRecord: Sendable {
    /// Its place in the line, from 1.
    public let number: Int
    /// The operation as the log names it.
    public let step: String
    /// The record's bytes.
    public let bytes: [UInt8]
    /// The commit.
    public let commit: CommitID
    /// The commit's signature and what it covers; nil if it has none.
    public let signature: CommitSignature?
    /// When the commit was made.
    public let time: Timestamp

    /// The digest of the record.
    public var digest: Digest { Digest(hashing: bytes) }
}
