public import LetheRecords

extension LogProof {
    /// Reads a proof's file; one that does not parse was changed after it was written.
    ///
    /// - Throws: `integrity`.
    public static func file(_ bytes: [UInt8]) throws(LetheError) -> LogProof {
        do throws(LetheError) {
            return try LogProof(fileBytes: bytes)
        } catch {
            throw broken("it is no longer well-formed", cause: error)
        }
    }

    /// Checks that this is the proof of a certificate: the log has an entry of the operation that
    /// issued it, on the version that it judged.
    ///
    /// - Throws: as `check(trusted:origin:)`; `integrity` for another certificate's proof.
    @discardableResult
    public func check(
        logs certificate: CheckedCertificate, trusted: TrustedKeys, origin: String? = nil
    ) throws(LetheError) -> LogLeaf {
        let leaf = try check(trusted: trusted, origin: origin)
        let verdict = certificate.verdict
        guard leaf.kind == .model, leaf.operation == Operation.certify.rawValue,
            leaf.certificate == certificate.digest, leaf.name == verdict.model,
            leaf.number == verdict.version + 1, leaf.previous == verdict.manifest
        else { throw LogProof.broken("it is the proof of \(leaf.title), not of this certificate") }
        return leaf
    }
}
