public import LetheCertificates
public import LetheRecords
public import LetheStorage

/// A log, the lineage that it is about, and who is trusted: what an audit compares.
///
/// A registry has all of it; an auditor may have a clone of the lineage and a copy of the log.
public struct LoggedHistory {
    /// Gives the entries that the log must have for a line up to a commit, oldest first.
    public typealias Leaves = (ReferenceName, CommitID) throws(LetheError) -> [LogLeaf]

    let lineage: Lineage
    let log: TransparencyLog
    let trusted: TrustedKeys
    /// The name that the log must have; nil for any whose operator is trusted.
    let origin: String?
    /// Whether a log that is not there is damage.
    let isLogExpected: Bool
    let leaves: Leaves

    /// Puts together what is compared.
    public init(
        lineage: Lineage, log: TransparencyLog, trusted: TrustedKeys, origin: String?,
        isLogExpected: Bool, leaves: @escaping Leaves
    ) {
        self.lineage = lineage
        self.log = log
        self.trusted = trusted
        self.origin = origin
        self.isLogExpected = isLogExpected
        self.leaves = leaves
    }

    /// Compares the log with the lineage, and with a checkpoint that was saved earlier.
    ///
    /// - Throws: `malformed`, `integrity` or `refused` if the saved checkpoint is none of this
    ///   log's; what is wrong with log and lineage is a finding.
    public func audit(against saved: [UInt8]? = nil) throws(LetheError) -> AuditReport {
        let earlier = try saved.mapping { (bytes) throws(LetheError) in
            try SignedCheckpoint.open(bytes, trusted: trusted, origin: origin)
        }
        return try LogAudit(history: self, saved: earlier).run()
    }

    /// Reads a checkpoint of this log.
    ///
    /// - Throws: `integrity` if it is damaged, `refused` if no trusted operator signed it.
    func open(_ bytes: [UInt8]) throws(LetheError) -> Checkpoint {
        do throws(LetheError) {
            return try SignedCheckpoint.open(bytes, trusted: trusted, origin: origin)
        } catch  where error.code == .malformed {
            throw LetheError(
                code: .integrity, message: "The log's checkpoint is damaged.",
                remedy: "Restore log/checkpoint from a backup or another copy.", cause: error)
        }
    }
}

extension Registry {
    /// This registry's own history.
    func loggedHistory() throws(LetheError) -> LoggedHistory {
        LoggedHistory(
            lineage: storage.lineage, log: storage.log, trusted: try trustedKeys(),
            origin: logOrigin, isLogExpected: description.log != nil,
            leaves: { (reference, tip) throws(LetheError) in
                try self.leaves(of: reference, tip: tip)
            })
    }
}
