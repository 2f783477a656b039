public import Foundation
public import LetheRecords
internal import LetheStorage

/// Where another registry is.
public enum RemoteAddress: Sendable, Hashable {
    /// A folder of this machine.
    case folder(URL)
    /// A registry on a machine that is reached by ssh and has `lethe` itself.
    case ssh(SSHPlace)
    /// Bytes in a bucket of S3 and a lineage on any git host.
    case bucket(BucketPlace)
    /// A registry that a Lethe server serves.
    case server(ServerPlace)

    /// Takes a path, `file:///path`, `ssh://user@host:port/path`, `https://host:port/path`, or
    /// `s3://bucket/prefix` with the address of a lineage.
    ///
    /// - Throws: `invalidArgument` for anything else; `refused` for an address with a password in
    ///   it, which would be written down and shown.
    public init(_ text: String, lineage: String? = nil) throws(LetheError) {
        guard lineage == nil || text.hasPrefix("s3://") else {
            throw LetheError(
                code: .invalidArgument, message: "Only an s3:// address goes with --lineage.",
                remedy: "A folder and a machine have their lineage themselves.")
        }
        guard text.contains("://") else {
            guard !text.isEmpty else { throw Self.unknown(text) }
            self = .folder(URL(fileURLWithPath: text))
            return
        }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme else {
            throw Self.unknown(text)
        }
        guard parts.password == nil else {
            throw LetheError(
                code: .refused, message: "An address may not have a password in it.",
                remedy: "ssh takes keys (docs/guides/remotes.md).")
        }
        switch scheme {
        case "file" where parts.host ?? "" == "" && !parts.path.isEmpty:
            self = .folder(URL(fileURLWithPath: parts.path))
        case "ssh":
            guard let place = SSHPlace(parts) else { throw Self.unknown(text) }
            self = .ssh(place)
        case "s3":
            guard let lineage else {
                throw LetheError(
                    code: .invalidArgument, message: "A bucket has no lineage of its own.",
                    remedy: "Name it once: lethe remote add NAME \(text.prefix(200)) --lineage "
                        + "GIT-ADDRESS.")
            }
            guard let place = try BucketPlace(parts, lineage: GitHost(lineage)) else {
                throw Self.unknown(text)
            }
            self = .bucket(place)
        case "http", "https":
            guard parts.user == nil else {
                throw LetheError(
                    code: .refused, message: "An address may not have a name or a token in it.",
                    remedy: "Put the token into LETHE_TOKEN or a file (docs/guides/remotes.md).")
            }
            guard let place = ServerPlace(text, parts) else { throw Self.unknown(text) }
            self = .server(place)
        default: throw Self.unknown(text)
        }
    }

    /// The address as it is written.
    public var text: String {
        switch self {
        case .folder(let url): url.path
        case .ssh(let place): place.text
        case .bucket(let place): place.text
        case .server(let place): place.text
        }
    }

    private static func unknown(_ text: String) -> LetheError {
        LetheError(
            code: .invalidArgument,
            message: "\"\(text.prefix(200))\" is no address of a registry.",
            remedy:
                "Write a folder, ssh://host/path, https://host/path, s3://bucket/prefix, or a "
                + "name that lethe remote list shows.")
    }
}

/// A folder on a machine that is reached by ssh.
public struct SSHPlace: Sendable, Hashable {
    /// `host` or `user@host`.
    public let destination: String
    /// The port; nil for what ssh is configured to take.
    public let port: Int?
    /// The registry's folder there.
    public let path: String

    /// Takes `ssh://user@host:port/path`; nil if a part of it could be read as something else, such
    /// as an option of ssh.
    init?(_ parts: URLComponents) {
        guard let host = parts.host, Self.isPlain(host), parts.user.map(Self.isPlain) ?? true,
            parts.query == nil, parts.fragment == nil, parts.path.count > 1,
            parts.path.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { return nil }
        destination = parts.user.map { "\($0)@\(host)" } ?? host
        port = parts.port
        path = parts.path
    }

    var text: String { "ssh://\(destination)\(port.map { ":\($0)" } ?? "")\(path)" }

    private static func isPlain(_ text: String) -> Bool {
        let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "._-"))
        return !text.isEmpty && !text.hasPrefix("-")
            && text.unicodeScalars.allSatisfy { $0.isASCII && allowed.contains($0) }
    }
}
