internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

/// What was decided about erasing versions of one model, each list oldest first.
public struct ErasureHistory: Sendable {
    /// A decision that objects go, with the digest of its record, by which receipts name it.
    public struct Erasure: Sendable {
        /// The digest of the record.
        public let digest: Digest
        /// The record.
        public let record: Tombstones
    }

    /// What was revoked, by a certificate or by hand.
    public let revocations: [Revocation]
    /// What was decided to go.
    public let erasures: [Erasure]
    /// What verifiers kept of the first version's answers.
    public let yardsticks: [Yardstick]

    /// Whether nobody decided anything.
    public var isEmpty: Bool { revocations.isEmpty && erasures.isEmpty && yardsticks.isEmpty }
}

extension Registry {
    /// What was decided about erasing versions of a model; nothing if nobody decided anything.
    ///
    /// - Throws: `refused` if nobody trusted signed it, `malformed`.
    public func erasureHistory(of model: String) throws(LetheError) -> ErasureHistory {
        let records = try erasureRecords(of: model)
        let trusted = try trustedKeys()
        return ErasureHistory(
            revocations: records.revocations,
            erasures: records.tombstones.map { .init(digest: $0.digest, record: $0.record) },
            yardsticks: try records.yardsticks.mapping { (bytes) throws(LetheError) in
                try SignedYardstick.open(bytes, trusted: trusted)
            })
    }

    /// Whether anything was decided about erasing versions of a model; nothing is read of it.
    ///
    /// - Throws: `invalidArgument` for a name that no model can have.
    public func hasErasures(of model: String) throws(LetheError) -> Bool {
        try storage.lineage.target(of: .erasure(of: model)) != nil
    }
}
