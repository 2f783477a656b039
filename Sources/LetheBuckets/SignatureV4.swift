internal import Foundation
public import LetheRecords

internal import struct Crypto.HMAC
internal import struct Crypto.SHA256
internal import struct Crypto.SymmetricKey

/// What a request to S3 is signed with.
public struct BucketKeys: Sendable {
    /// The name of the key.
    public let name: String
    /// The key itself; never shown.
    let secret: String
    /// The token of a temporary key; nil for a lasting one.
    let token: String?

    /// Takes a pair of keys.
    public init(name: String, secret: String, token: String? = nil) {
        self.name = name
        self.secret = secret
        self.token = token
    }
}

/// AWS Signature Version 4 as S3 wants it: the path is escaped once and not normalised, and the
/// digest of the body is a field of its own (AWS, "Authenticating Requests: Using the Authorization
/// Header"; Signature Version 4 for Amazon S3).
public struct SignatureV4: Sendable {
    private static let algorithm = "AWS4-HMAC-SHA256"

    private let keys: BucketKeys
    private let region: String

    /// Signs with keys for a region.
    public init(keys: BucketKeys, region: String) {
        self.keys = keys
        self.region = region
    }

    /// The fields that a request needs beside those given, `authorization` among them.
    ///
    /// - Parameters:
    ///   - path: The path, escaped.
    ///   - query: Names and values, not escaped.
    ///   - fields: The fields that are signed, `host` among them; names in any letters.
    public func fields(
        _ method: String, path: String, query: [(name: String, value: String)],
        fields: [String: String], body: [UInt8], at time: Timestamp
    ) -> [String: String] {
        let moment = time.description.filter { $0 != "-" && $0 != ":" }
        let digest = Digest(hashing: body).hex
        var added = ["x-amz-date": moment, "x-amz-content-sha256": digest]
        added["x-amz-security-token"] = keys.token
        let all = fields.merging(added) { $1 }
            .map { (name: $0.key.lowercased(), value: Self.trimmed($0.value)) }
            .sorted { $0.name < $1.name }
        let names = all.map(\.name).joined(separator: ";")
        let canonical =
            ([method, path, Self.text(of: query)] + all.map { "\($0.name):\($0.value)" }
            + ["", names, digest]).joined(separator: "\n")
        let scope = "\(moment.prefix(8))/\(region)/s3/aws4_request"
        let text = [
            Self.algorithm, moment, scope, Digest(hashing: Array(canonical.utf8)).hex,
        ].joined(separator: "\n")
        let signature = sign(text, day: String(moment.prefix(8)))
        added["authorization"] =
            "\(Self.algorithm) Credential=\(keys.name)/\(scope), SignedHeaders=\(names), "
            + "Signature=\(signature)"
        return added
    }

    /// A query as it stands in the address and is signed: in order, everything escaped.
    static func text(of query: [(name: String, value: String)]) -> String {
        query.map { (escape($0.name), escape($0.value)) }.sorted { $0 < $1 }
            .map { "\($0)=\($1)" }.joined(separator: "&")
    }

    /// Escapes everything but letters, digits and `-._~` (RFC 3986), and `/` where it is kept.
    static func escape(_ text: String, keepsSlashes: Bool = false) -> String {
        text.utf8.map { byte in
            let isPlain =
                byte < 0x80
                && (Character(UnicodeScalar(byte)).isLetter
                    || Character(UnicodeScalar(byte)).isNumber
                    || Array("-._~".utf8).contains(byte) || keepsSlashes && byte == 0x2F)
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain
                ? String(UnicodeScalar(byte)) : "%" + (digits.count < 2 ? "0" : "") + digits
        }.joined()
    }

    private func sign(_ text: String, day: String) -> String {
        var key = Data("AWS4\(keys.secret)".utf8)
        for step in [day, region, "s3", "aws4_request", text] {
            let code = HMAC<SHA256>.authenticationCode(
                for: Data(step.utf8), using: SymmetricKey(data: key))
            key = Data(code)
        }
        return key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Without spaces around it, and with one where there were several.
    private static func trimmed(_ text: String) -> String {
        text.split(separator: " ").joined(separator: " ")
    }
}
