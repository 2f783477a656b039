public import Foundation
public import LetheCertificates
public import LetheRecords
public import LetheStorage

/// What an auditor has: a registry's folder, or a plain clone of its lineage.
///
/// Whatever else was handed over lies beside it. Objects need not be there.
public struct AuditSource: Sendable {
    /// The history.
    public let lineage: Lineage
    /// The transparency log; nil if none was handed over.
    public let log: TransparencyLog?
    /// The name that the log must have; nil for any whose operator is trusted.
    let origin: String?
    /// Whether a log that is not there is damage.
    let isLogExpected: Bool
    /// Whom the auditor trusts.
    public let trusted: TrustedKeys
    /// Whether these keys came from the folder that is audited.
    public let trustsItself: Bool
    /// The policies at hand, by digest.
    let policies: [Digest: Policy]

    /// Takes a registry's folder or a bare clone (`git clone --mirror`).
    ///
    /// - Parameters:
    ///   - folder: The registry, or the clone of its `lineage.git`.
    ///   - log: A copy of the registry's folder `log/`; nil for the registry's own, or none.
    ///   - trusted: The file of trusted keys; nil for those of the registry, which then vouches
    ///     for itself.
    ///   - policies: Policy files, or folders of them, besides those of the registry.
    /// - Throws: `notFound`, `malformed`; `invalidArgument` for a clone without trusted keys.
    public init(
        folder: URL, log: URL? = nil, trusted: URL? = nil, policies: [URL] = []
    ) throws(LetheError) {
        let own = RegistryLayout(root: folder)
        let isRegistry = FileManager.default.fileExists(atPath: own.description.path)
        let layout =
            isRegistry
            ? log.map { RegistryLayout(root: folder, log: $0) } ?? own
            : RegistryLayout(mirror: folder, log: log ?? folder.appending(path: "log"))
        let files = StoreFiles.readOnly(folder)
        lineage = try Lineage(layout, files: files)
        let description =
            try isRegistry
            ? RegistryDescription.read(canonical: files.readFile(own.description)) : nil
        isLogExpected = log != nil || description?.log != nil
        self.log = isLogExpected ? TransparencyLog(layout, files: files) : nil
        origin = description.map { SignedCheckpoint.origin(registry: $0.id) }
        trustsItself = trusted == nil
        guard let keys = trusted ?? (isRegistry ? own.keys.appending(path: "allowed_signers") : nil)
        else {
            throw LetheError(
                code: .invalidArgument,
                message: "A clone of a lineage does not say whose signatures count.",
                remedy: "Name the file of trusted keys with --trusted.")
        }
        self.trusted = try TrustedKeys(
            allowedSigners: String(decoding: files.readFile(keys), as: UTF8.self))
        self.policies = try PolicyShelf.read(
            (isRegistry ? [own.policies] : []) + policies, files: files)
    }

    /// The signed checkpoint of the log, to be kept for the next audit.
    ///
    /// - Throws: `notFound` without a log.
    public func checkpoint() throws(LetheError) -> [UInt8] {
        guard let bytes = try log?.checkpointBytes() else {
            throw LetheError(
                code: .notFound, message: "There is no log whose checkpoint could be saved.",
                remedy: "Ask for a copy of the registry's folder log/ and name it with --log.")
        }
        return bytes
    }
}

/// Policy files by the digest of what they say.
enum PolicyShelf {
    /// Reads files, and the `.json` files of folders; in the registry's own folder a file that is
    /// no policy of this program is passed over.
    static func read(_ places: [URL], files: StoreFiles) throws(LetheError) -> [Digest: Policy] {
        var found: [Digest: Policy] = [:]
        for place in places {
            let names = try? FileManager.default.contentsOfDirectory(atPath: place.path)
            guard let names else {
                let policy = try Policy.read(handwritten: files.readFile(place))
                found[try policy.digest()] = policy
                continue
            }
            for name in names.sorted() where name.hasSuffix(".json") {
                let file = place.appending(path: name)
                guard let policy = try? Policy.read(handwritten: files.readFile(file)) else {
                    continue
                }
                found[try policy.digest()] = policy
            }
        }
        return found
    }
}
