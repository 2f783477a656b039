public import LetheRecords

/// A yardstick that a verifier signed: the same envelope as a certificate, around another record.
public enum SignedYardstick {
    /// The payload type of a yardstick in its envelope.
    public static let payloadType = "application/vnd.lethe.yardstick.v1+json"

    /// Signs a yardstick; gives the bytes of the envelope.
    ///
    /// - Throws: `malformed` for one without a bit for each sample, `io`.
    public static func sign(
        _ yardstick: Yardstick, with key: SigningKey
    ) throws(LetheError) -> [UInt8] {
        _ = try yardstick.answers()
        return try Envelope(
            signing: yardstick.canonicalBytes(), payloadType: payloadType, with: key
        ).fileBytes()
    }

    /// Opens an envelope and checks who signed it.
    ///
    /// - Throws: `refused` if no trusted verifier signed it, `integrity` if it was changed,
    ///   `malformed`.
    public static func open(
        _ bytes: [UInt8], trusted: TrustedKeys
    ) throws(LetheError) -> Yardstick {
        let envelope = try Envelope(fileBytes: bytes)
        guard envelope.payloadType == payloadType,
            let entry = trusted.entry(identifier: envelope.keyIdentifier), entry.role == .verifier
        else {
            throw LetheError(
                code: .refused,
                message: "The yardstick is not signed by a verifier that is trusted here.",
                remedy: "Add the verifier's key to the trusted keys if you know whose it is.")
        }
        guard envelope.isSigned(by: entry.key) else {
            throw LetheError(
                code: .integrity,
                message: "The yardstick is damaged: its signature does not match its contents.",
                remedy: "Restore the lineage from a backup or another clone.")
        }
        let yardstick = try Yardstick.read(canonical: envelope.payload)
        _ = try yardstick.answers()
        return yardstick
    }
}
