public import Foundation
internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

/// The object keys of one folder, as a store asks for them.
private struct FolderKeySource: ObjectKeySource {
    let folder: ObjectKeyFolder

    var name: String { folder.url.path }

    func objectKeys() throws(LetheError) -> [ObjectKey] { try folder.keys().map(\.key) }

    func destroyedKeys() throws(LetheError) -> [String] { try folder.destroyed() }

    func writingKey(of line: String) throws(LetheError) -> ObjectKey {
        if let newest = try folder.keys(of: line).last { return newest.key }
        do throws(LetheError) {
            return try folder.make(for: line).key
        } catch  where error.code == .alreadyExists {
            guard let newest = try folder.keys(of: line).last else { throw error }
            return newest.key
        }
    }
}

extension KeyFolder {
    /// Where a registry's private keys are if nobody says so: `LETHE_KEYS`, else
    /// `~/.config/lethe/<registry id>`.
    public static func usualURL(registryID: String) -> URL {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["LETHE_KEYS"] { return URL(fileURLWithPath: path) }
        let configuration =
            environment["XDG_CONFIG_HOME"].map { URL(fileURLWithPath: $0) }
            ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".config")
        return configuration.appending(path: "lethe/\(registryID)")
    }
}

extension Registry {
    /// Whether objects are encrypted.
    public var isEncrypted: Bool { storage.vault != nil }

    /// Whether a registry says that it encrypts.
    ///
    /// - Throws: `unsupported` if it does so in a way that this version does not know.
    static func isEncrypted(_ description: RegistryDescription) throws(LetheError) -> Bool {
        guard let way = description.encryption else { return false }
        guard way == RegistryDescription.chunkedAES else {
            throw LetheError(
                code: .unsupported,
                message: "The registry encrypts its objects by \(way.prefix(40)), which this "
                    + "version does not know.",
                remedy: "Install a newer Lethe; nothing in the registry was changed.")
        }
        return true
    }

    /// Takes the object keys of a folder of private keys; of no effect where nothing is encrypted.
    ///
    /// - Throws: `refused` for a folder inside the registry.
    public func useKeys(in folder: URL) throws(LetheError) {
        guard let vault = storage.vault else { return }
        let root = storage.layout.root.resolvingSymlinksInPath().standardizedFileURL.path
        let path = folder.resolvingSymlinksInPath().standardizedFileURL.path
        guard path != root, !path.hasPrefix(root + "/") else {
            throw LetheError(
                code: .refused, message: "The keys in \(folder.path) lie inside the registry.",
                remedy: "Move them away: whoever copies the registry would have them.")
        }
        vault.use(FolderKeySource(folder: ObjectKeyFolder(in: folder)))
    }

    /// Refuses what is not done with encrypted registries.
    ///
    /// - Throws: `unsupported`.
    static func refuseTransfer(
        of description: RegistryDescription, at root: URL
    ) throws(LetheError) {
        guard description.encryption != nil else { return }
        throw LetheError(
            code: .unsupported,
            message: "\(root.path) is encrypted; lines do not travel to or from it.",
            remedy: "Copy its whole folder, which is ciphertext and needs its keys, or pull and "
                + "publish.")
    }

    /// As `refuseTransfer(of:at:)`, for this registry.
    func refuseTransfer() throws(LetheError) {
        try Self.refuseTransfer(of: description, at: storage.layout.root)
    }
}
