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
    /// Whether it is given out, and whether its bytes are still there.
    public let state: VersionState
}

extension Registry {
    /// Reads a version with its requests and its certificate.
    ///
    /// - Parameter moment: The past second at which `@certified` or `@latest` counts; nil for now.
    /// - Throws: `integrity` or `refused` if the certificate does not hold; `invalidArgument` for a
    ///   moment with a revision that never moves.
    public func show(
        _ revision: Revision, at moment: Timestamp? = nil
    ) throws(LetheError) -> VersionDetails {
        let version =
            if let moment { try resolve(revision, at: moment) } else { try resolve(revision) }
        var verdict: ForgetVerdict?
        if version.manifest.operation == .certify {
            verdict = try checkedCertificate(of: version, trusted: trustedKeys()).verdict
        }
        return VersionDetails(
            version: version, requests: try requests(of: version), verdict: verdict,
            state: try state(of: version))
    }

    private func resolve(
        _ revision: Revision, at moment: Timestamp
    ) throws(LetheError) -> Version {
        guard let alias = Alias(rawValue: revision.selector ?? Alias.latest.rawValue) else {
            throw LetheError(
                code: .invalidArgument, message: "\(revision) is the same at every moment.",
                remedy: "Name \(revision.model)@certified or \(revision.model)@latest.")
        }
        return try resolve(revision.model, alias, at: moment)
    }
}
