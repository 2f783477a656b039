internal import Foundation

/// What a log says about itself: its name, how many entries it has, and the root over them
/// (C2SP tlog-checkpoint).
///
/// The signed note around it is in LetheCertificates.
public struct Checkpoint: Sendable, Hashable {
    /// The log's name.
    public let origin: String
    /// How many entries there are.
    public let size: Int
    /// The RFC 6962 root over them.
    public let root: TreeHash

    /// Describes a log.
    public init(origin: String, size: Int, root: TreeHash) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The text that is signed: three lines.
    public var text: String {
        "\(origin)\n\(size)\n\(Data(root.bytes).base64EncodedString())\n"
    }

    /// Reads the text.
    ///
    /// Lethe writes no extension lines and refuses them, so that there is one text for each value.
    ///
    /// - Throws: `malformed` for any text that `text` does not give.
    public init(text: String) throws(LetheError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count == 4, !lines[0].isEmpty, let size = Int(lines[1]), size >= 0,
            let data = Data(base64Encoded: lines[2]), let root = TreeHash(bytes: data)
        else { throw Self.malformed }
        self.init(origin: lines[0], size: size, root: root)
        guard self.text == text else { throw Self.malformed }
    }

    private static var malformed: LetheError {
        LetheError(
            code: .malformed,
            message: "The text is no checkpoint: log name, number of entries, root in base64.",
            remedy: "Take log/checkpoint of the registry, or what lethe audit --save wrote.")
    }
}
