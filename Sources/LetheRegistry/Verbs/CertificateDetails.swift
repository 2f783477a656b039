public import LetheCertificates
public import LetheRecords

/// A certificate that was checked, and where the log has it.
public struct CertificateDetails: Sendable {
    /// The certificate: its signer is a trusted verifier, and it is about this version's files.
    public let checked: CheckedCertificate
    /// What the list of trusted keys notes about the signer; empty for nothing.
    public let signerComment: String
    /// Which entry of the log has the version, from 0; nil where its proof does not hold.
    public let entryIndex: Int?
    /// Why the log's proof does not hold; nil if it does.
    public let logComplaint: String?
}

extension Registry {
    /// Checks the certificate of a certified version against the keys that this registry trusts,
    /// and the proof that it is logged.
    ///
    /// - Throws: `integrity`, or `refused` if no trusted verifier signed it.
    public func certificateDetails(of version: Version) throws(LetheError) -> CertificateDetails {
        let trusted = try trustedKeys()
        let checked = try checkedCertificate(of: version, trusted: trusted)
        var entryIndex: Int?
        var complaint: String?
        do throws(LetheError) {
            let proof = try proof(of: version)
            try proof.check(logs: checked, trusted: trusted)
            entryIndex = proof.index
        } catch {
            complaint = error.message
        }
        return CertificateDetails(
            checked: checked,
            signerComment: trusted.entry(identifier: checked.signer.identifier)?.comment ?? "",
            entryIndex: entryIndex, logComplaint: complaint)
    }
}
