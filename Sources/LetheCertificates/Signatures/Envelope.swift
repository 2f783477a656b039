public import LetheRecords

/// A DSSE envelope (secure-systems-lab/dsse, protocol 1.0.2) as a file: canonical JSON with one
/// signature over the payload bytes and their type.
public struct Envelope: Sendable, Equatable {
    /// The payload type of in-toto statements.
    public static let statementType = "application/vnd.in-toto+json"

    /// What the payload is.
    public let payloadType: String
    /// The signed bytes.
    public let payload: [UInt8]
    /// The fingerprint of the key that signed, a hint: it is not covered by the signature.
    public let keyIdentifier: String
    /// The Ed25519 signature over `preAuthenticationEncoding`.
    public let signature: [UInt8]

    /// Signs a payload.
    ///
    /// - Throws: `io` if the system's cryptography fails.
    public init(
        signing payload: [UInt8], payloadType: String = statementType, with key: SigningKey
    ) throws(LetheError) {
        self.payloadType = payloadType
        self.payload = payload
        keyIdentifier = try key.verifyingKey.identifier
        signature = try key.signature(
            for: Self.preAuthenticationEncoding(payload, payloadType: payloadType))
    }

    /// Reads an envelope from the exact bytes that `fileBytes()` gives.
    ///
    /// - Throws: `malformed` for any other spelling: unknown fields, white space, base64 with
    ///   stray bits, no signature or several.
    public init(fileBytes: [UInt8]) throws(LetheError) {
        let file = try CanonicalJSON.decode(File.self, from: fileBytes)
        guard file.signatures.count == 1, let only = file.signatures.first,
            let payload = Base64.decode(file.payload), let signature = Base64.decode(only.sig)
        else {
            throw LetheError(
                code: .malformed,
                message: "The envelope does not hold one payload and one signature in base64.")
        }
        self.payload = payload
        self.signature = signature
        payloadType = file.payloadType
        keyIdentifier = only.keyid
    }

    /// The bytes of the file: canonical JSON (RFC 8785).
    public func fileBytes() throws(LetheError) -> [UInt8] {
        try CanonicalJSON.encode(
            File(
                payload: Base64.encode(payload), payloadType: payloadType,
                signatures: [File.Signature(keyid: keyIdentifier, sig: Base64.encode(signature))]))
    }

    /// Whether this key made the signature over this payload.
    public func isSigned(by key: VerifyingKey) -> Bool {
        key.isValid(
            signature: signature,
            for: Self.preAuthenticationEncoding(payload, payloadType: payloadType))
    }

    /// What is signed: `DSSEv1`, then length and bytes of the type and of the payload.
    static func preAuthenticationEncoding(_ payload: [UInt8], payloadType: String) -> [UInt8] {
        Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
    }

    private struct File: Codable {
        struct Signature: Codable {
            var keyid: String
            var sig: String
        }

        var payload: String
        var payloadType: String
        var signatures: [Signature]
    }
}
