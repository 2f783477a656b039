internal import Foundation
internal import LetheRecords

/// Where a bucket is: at AWS by its own host, anywhere else below the store's.
struct BucketEndpoint: Sendable {
    /// `http` or `https`.
    let scheme: String
    /// The host, with its port where that is not the usual one.
    let host: String
    /// What every path begins with, escaped; without a slash at its end.
    private let base: String

    /// - Throws: `invalidArgument` for an endpoint that is none.
    init(bucket: String, settings: BucketSettings) throws(LetheError) {
        guard let endpoint = settings.endpoint else {
            scheme = "https"
            // A dot in the bucket's name would be a host that AWS's certificate does not cover.
            let isOwnHost = !bucket.contains(".")
            host =
                (isOwnHost ? "\(bucket)." : "") + "s3.\(settings.region).amazonaws.com"
            base = isOwnHost ? "" : "/\(bucket)"
            return
        }
        guard let parts = URLComponents(string: endpoint), let scheme = parts.scheme,
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.query == nil
        else {
            throw LetheError(
                code: .invalidArgument, message: "The endpoint of S3 is no address.",
                remedy: "AWS_ENDPOINT_URL is an address such as https://s3.example:9000.")
        }
        self.scheme = scheme
        let isUsual = parts.port == nil || parts.port == (scheme == "https" ? 443 : 80)
        self.host = host + (isUsual ? "" : ":\(parts.port ?? 0)")
        let path = parts.percentEncodedPath
        base = (path.hasSuffix("/") ? String(path.dropLast()) : path) + "/\(bucket)"
    }

    /// The path of a key, or of the bucket itself, escaped.
    func path(_ key: String) -> String {
        let path = base + (key.isEmpty ? "" : "/" + SignatureV4.escape(key, keepsSlashes: true))
        return path.isEmpty ? "/" : path
    }
}
