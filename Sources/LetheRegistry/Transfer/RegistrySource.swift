internal import Foundation
internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// Another registry that is read from and not trusted.
///
/// It is opened without an index: nothing of it is interpreted that is not checked first.
struct RegistrySource {
    let storage: RegistryStorage
    let description: RegistryDescription

    /// Opens it.
    ///
    /// - Throws: `notFound`, `unsupported` for a newer format, `malformed`.
    init(_ root: URL) throws(LetheError) {
        try RegistryFormat.refuseNewer(root)
        storage = try RegistryStorage(opening: root)
        description = try RegistryDescription.read(
            canonical: storage.files.readFile(storage.layout.description))
        try Registry.refuseTransfer(of: description, at: root)
    }

    /// The keys that it trusts, and the operator's key that signed this list and its description.
    ///
    /// - Throws: `integrity` if the list is not what an operator on it signed.
    func sealedKeys() throws(LetheError) -> (keys: TrustedKeys, operatorKey: VerifyingKey) {
        let url = storage.layout.keys.appending(path: Registry.allowedSignersName)
        let text = String(decoding: try storage.files.readFile(url), as: UTF8.self)
        let keys = try TrustedKeys(allowedSigners: text)
        let signer = try RegistrySeal.check(
            in: storage.layout, files: storage.files, trusted: keys)
        return (keys, signer)
    }
}
