extension VersionManifest {
    /// What speaks against this version following another one of its line, in a clause for a
    /// person; nil if nothing does.
    ///
    /// A child keeps every request of its parent: whatever is made of a model answers for all that
    /// was ever forgotten on its line.
    ///
    /// - Parameters:
    ///   - parent: The version before, with the digest of its manifest; nil for a first version.
    ///   - model: The name of the line.
    public func contradiction(
        after parent: (manifest: VersionManifest, digest: Digest)?, on model: String
    ) -> String? {
        if self.model != model { return "its manifest names another model" }
        if number != (parent?.manifest.number ?? 0) + 1 { return "its number does not follow" }
        if self.parent != parent?.digest { return "its manifest names another parent" }
        if !requests.starts(with: parent?.manifest.requests ?? []) {
            return "it no longer lists a request that its parent honoured"
        }
        guard operation == .certify else { return nil }
        let judged = parent?.manifest.files ?? []
        let isSame =
            files.map(\.path) == judged.map(\.path) && files.map(\.digest) == judged.map(\.digest)
        return isSame ? nil : "its files are not those that were judged"
    }
}
