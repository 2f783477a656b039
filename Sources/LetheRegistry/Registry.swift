public import Foundation
internal import LetheCertificates
public import LetheRecords
public import LetheStorage
internal import Synchronization

/// An open registry: what every verb works on.
///
/// Verbs that only read need nothing else; verbs that write take the keys they sign with.
public final class Registry: Sendable {
    /// The folders, objects and lineage.
    public let storage: RegistryStorage
    /// `registry.json`.
    public let description: RegistryDescription
    /// A cache over the lineage.
    public let index: RegistryIndex
    /// Opened by whoever sends.
    let sendingLock = Mutex<SendingLock?>(nil)
    /// Requests that were read and checked, so that the same commits are not checked again.
    let knownCases = Mutex<[KnownCase.Key: CaseFile]>([:])

    /// Opens a registry; `beforeStep` runs before each change to the disk and is for tests.
    ///
    /// - Throws: `notFound` if the folder is no registry, `unsupported` if it is a
    ///   newer one.
    public init(
        opening root: URL, beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in }
    ) throws(LetheError) {
        try RegistryFormat.refuseNewer(root)
        let opened = try RegistryStorage(opening: root, beforeStep: beforeStep)
        description = try RegistryDescription.read(
            canonical: opened.files.readFile(opened.layout.description))
        storage =
            try Self.isEncrypted(description)
            ? opened.encrypted(with: ObjectVault()) : opened
        let objects = storage.objects
        index = try RegistryIndex(
            storage.layout, lineage: storage.lineage, isReadOnly: storage.isReadOnly,
            files: storage.files, tensors: { objects.knownTensorParts(of: $0)?.map(\.digest) },
            reader: VersionIndexing.version)
        try useKeys(in: KeyFolder.usualURL(registryID: description.id))
    }

    /// The keys that this registry trusts.
    ///
    /// - Throws: `integrity` if the file of the keys is damaged.
    func trustedKeys() throws(LetheError) -> TrustedKeys {
        let url = trustedKeysFile
        let bytes = try storage.files.readFile(url)
        do throws(LetheError) {
            return try TrustedKeys(allowedSigners: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw LetheError(
                code: .integrity, message: "The file of the trusted keys is damaged.",
                remedy: "Restore \(url.path) from a backup.", cause: error)
        }
    }

    /// What changes with the trusted keys.
    func trustedKeysDigest() throws(LetheError) -> Digest {
        Digest(hashing: try storage.files.readFile(trustedKeysFile))
    }

    private var trustedKeysFile: URL {
        storage.layout.keys.appending(path: Self.allowedSignersName)
    }

    /// The file in `keys/` that git, ssh-keygen and Lethe all read.
    static let allowedSignersName = "allowed_signers"

    /// A fresh folder for the files of one operation; removed by its owner.
    func workFolder() throws(LetheError) -> WorkFolder {
        try WorkFolder(in: storage.layout, files: storage.files)
    }
}
