internal import Foundation
internal import LetheRecords
public import LetheStorage

/// A registry without a machine of its own: its bytes in a bucket of S3, its lineage in a repository
/// of git.
///
/// Neither decides anything but which of two writers was first; whoever takes from it checks
/// everything.
public struct BucketPlace: Sendable, Hashable {
    /// The bucket's name.
    public let bucket: String
    /// What every key begins with; empty or with a slash at its end.
    public let prefix: String
    /// Where the lineage is.
    public let lineage: GitHost

    /// Takes `s3://bucket/prefix`; nil if a part of it could be read as something else.
    init?(_ parts: URLComponents, lineage: GitHost) {
        guard let host = parts.host, (3...63).contains(host.utf8.count),
            Self.isPlain(host, or: ".-"), parts.user == nil, parts.port == nil,
            parts.query == nil, parts.fragment == nil
        else { return nil }
        let steps = parts.path.split(separator: "/").map(String.init)
        guard
            steps.allSatisfy({
                Self.isPlain($0.lowercased(), or: "._-") && $0 != "." && $0 != ".."
            })
        else { return nil }
        bucket = host
        prefix = steps.map { "\($0)/" }.joined()
        self.lineage = lineage
    }

    /// The address as it is written.
    public var text: String { "s3://\(bucket)" + (prefix.isEmpty ? "" : "/\(prefix.dropLast())") }

    private static func isPlain(_ text: String, or others: String) -> Bool {
        text.utf8.allSatisfy {
            ("a"..."z").contains(Character(UnicodeScalar($0)))
                || ("0"..."9").contains(Character(UnicodeScalar($0)))
                || Array(others.utf8).contains($0)
        }
    }
}
