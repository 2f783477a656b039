public import Foundation
public import LetheRecords

/// `model.sig`: a model's folder signed as a whole in the OpenSSF Model Signing format, version
/// 1.0 (ossf/model-signing-spec), a Sigstore bundle with a public key.
public enum ModelSignature {
    /// The customary name of the file.
    public static let fileName = "model.sig"

    static let mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"
    static let payloadType = "application/vnd.in-toto+json"
    static let statementType = "https://in-toto.io/Statement/v1"
    static let predicateType = "https://model_signing/signature/v1.0"
    /// A bundle is refused above this; it has a few hundred bytes for each file.
    static let limitBytes = 64 << 20

    /// Signs every file of a folder; gives the bytes of the bundle.
    ///
    /// - Throws: `refused` for a link in the folder, `notFound`, `io`.
    public static func sign(
        _ folder: URL, with key: ModelSigningKey
    ) throws(LetheError) -> [UInt8] {
        let ignored = ([fileName] + ModelFiles.ignored).sorted()
        let files = ModelFiles(folder: folder)
        var resources: [JSONValue] = []
        var root = DigestHasher()
        for path in try files.paths(ignoring: ignored) {
            let digest = try files.digest(of: path)
            root.update(digest.bytes)
            resources.append([
                "name": .string(path), "algorithm": "sha256", "digest": .string(digest.hex),
            ])
        }
        let statement: JSONValue = [
            "_type": .string(statementType), "predicateType": .string(predicateType),
            "subject": [
                [
                    "name": .string(folder.standardizedFileURL.lastPathComponent),
                    "digest": ["sha256": .string(root.finalize().hex)],
                ]
            ],
            "predicate": [
                "serialization": [
                    "method": "files", "hash_type": "sha256", "allow_symlinks": false,
                    "ignore_paths": .array(ignored.map(JSONValue.string)),
                ], "resources": .array(resources),
            ],
        ]
        return try bundle(CanonicalJSON.encode(statement), key)
    }

    private static func bundle(
        _ payload: [UInt8], _ key: ModelSigningKey
    ) throws(LetheError) -> [UInt8] {
        let signature = try key.signature(for: signedBytes(payload))
        let hint = try ModelVerifyingKey(pem: key.publicPEM).hint
        return try CanonicalJSON.encode(
            [
                "mediaType": .string(mediaType),
                "verificationMaterial": [
                    "publicKey": ["hint": .string(hint)], "tlogEntries": [],
                ],
                "dsseEnvelope": [
                    "payload": .string(Data(payload).base64EncodedString()),
                    "payloadType": .string(payloadType),
                    "signatures": [
                        [
                            "sig": .string(Data(signature).base64EncodedString()),
                            "keyid": "",
                        ]
                    ],
                ],
            ] as JSONValue)
    }

    /// What a DSSE signature covers.
    static func signedBytes(_ payload: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
    }
}
