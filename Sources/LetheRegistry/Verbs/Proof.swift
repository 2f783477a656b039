public import LetheCertificates
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// The name of the proof's file in a pulled folder.
    public static let proofName = "model.tlog-proof"

    /// Proof that a version is in the log, which `LogProof.check` checks without a registry.
    ///
    /// - Throws: `integrity` if the version is not logged or the log is damaged; `notFound` in a
    ///   registry that is older than its log.
    public func proof(of version: Version) throws(LetheError) -> LogProof {
        let bytes = try checkpoint()
        let size = try openCheckpoint(bytes).size
        let entry = try leaf(of: version).canonicalBytes()
        guard let index = try storage.log.index(of: .leaf(entry), size: size) else {
            throw LetheError(
                code: .integrity, message: "\(version.name) is not in the log.",
                remedy: "Run lethe audit to see whether the log was cut.")
        }
        let path = try storage.log.reading(size: size).inclusionPath(of: index, in: size)
        let proof = LogProof(entry: entry, index: index, path: path, checkpoint: bytes)
        _ = try proof.check(trusted: trustedKeys(), origin: logOrigin)
        return proof
    }
}
