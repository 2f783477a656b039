internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

extension Registry {
    /// Refuses to go on if the registry cannot be written, or not with these keys; asked before
    /// long work begins and before the lines are looked at.
    ///
    /// A write that was interrupted between log and reference is brought to its end.
    ///
    /// - Throws: `io`; `refused` if the registry does not trust the key in its role; `integrity`
    ///   if its log is damaged.
    func requireWritable(by keys: KeyFolder, as role: KeyRole = .operator) throws(LetheError) {
        try storage.requireWritable()
        try useKeys(in: keys.url)
        let trusted = try trustedKeys()
        try Self.require(keys.operatorKey, in: .operator, trusted)
        if role == .verifier { try Self.require(keys.verifierKey, in: .verifier, trusted) }
        try writeOrder(keys).finishInterrupted()
    }

    private static func require(
        _ key: SigningKey, in role: KeyRole, _ trusted: TrustedKeys
    ) throws(LetheError) {
        let identifier = try key.verifyingKey.identifier
        let found = trusted.entry(identifier: identifier)?.role
        if found == role { return }
        let what = found.map { "as \($0.rawValue), not as \(role.rawValue)" } ?? "in no role"
        throw LetheError(
            code: .refused,
            message: "The \(role.rawValue)'s key \(identifier) is trusted here \(what).",
            remedy: "Name the folder of this registry's own keys with --keys.")
    }
}
