public import LetheRecords

extension CheckedCertificate {
    /// Makes sure that this certificate is about the version that a certified version names.
    ///
    /// - Parameters:
    ///   - manifest: The manifest of the certified version.
    ///   - requests: The requests of its line with their digests, oldest first, where they are at
    ///     hand.
    /// - Throws: `integrity` for another version's, or one that leaves out or changes a request.
    public func requireIssued(
        for manifest: VersionManifest, requests: [RequestReference]? = nil
    ) throws(LetheError) {
        guard verdict.model == manifest.model, verdict.manifest == manifest.parent,
            verdict.requests.map(\.id) == manifest.requests,
            requests == nil || verdict.requests == requests
        else {
            throw LetheError(
                code: .integrity,
                message: "The certificate of \(manifest.model)@v\(manifest.number) is another "
                    + "version's.",
                remedy: "Run lethe fsck; certify the model again.")
        }
    }
}
