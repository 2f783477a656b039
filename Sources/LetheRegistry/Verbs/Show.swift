internal import LetheCertificates
public import LetheRecords

/// Everything the records say about one version.
public struct VersionDetails: Sendable {
    /// The version.
    public let version: Version
    /// The requests its line has honoured, oldest first.
    public let requests: [ForgetRequest]
    /// The verdict of its certificate, checked against the registry's keys; nil if it has none.
    public let verdict: ForgetVerdict?
}

extension Registry {
    /// Reads a version with its requests and its certificate.
    ///
    /// - Throws: `integrity` or `refused` if the certificate does not hold.
    public func show(_ revision: Revision) throws(LetheError) -> VersionDetails {
        let version = try resolve(revision)
        var verdict: ForgetVerdict?
        if version.manifest.operation == .certify {
            verdict = try checkedCertificate(of: version, trusted: trustedKeys()).verdict
        }
        return VersionDetails(
            version: version, requests: try requests(of: version), verdict: verdict)
    }
}
