internal import Foundation
internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// The operator's signatures on the two files that no commit covers: `registry.json` and
/// `keys/allowed_signers`, each in a file of the same name with `.sig` behind it.
///
/// `ssh-keygen -Y verify -n git -I operator -f keys/allowed_signers -s registry.json.sig` checks
/// them too.
enum RegistrySeal {
    private static let suffix = ".sig"

    /// Signs both files as they are now.
    static func write(
        in layout: RegistryLayout, files: StoreFiles, keys: KeyFolder
    ) throws(LetheError) {
        for url in sealed(layout) {
            let signature = try SSHSignature(
                signing: files.readFile(url), namespace: KeyRole.operator.namespace,
                with: keys.operatorKey)
            try files.replaceFile(self.signature(of: url), with: Array(signature.armored.utf8))
        }
    }

    /// Checks both signatures.
    ///
    /// - Returns: the operator's key that signed the trusted keys.
    /// - Throws: `integrity` naming the file that is not what the operator signed.
    @discardableResult
    static func check(
        in layout: RegistryLayout, files: StoreFiles, trusted: TrustedKeys
    ) throws(LetheError) -> VerifyingKey {
        try check(layout.description, files: files, trusted: trusted)
        return try check(
            layout.keys.appending(path: Registry.allowedSignersName), files: files,
            trusted: trusted)
    }

    @discardableResult
    private static func check(
        _ url: URL, files: StoreFiles, trusted: TrustedKeys
    ) throws(LetheError) -> VerifyingKey {
        do throws(LetheError) {
            let text = String(
                decoding: try files.readFile(signature(of: url)), as: UTF8.self)
            let signature = try SSHSignature(armored: text)
            // Base64 and white space leave room for other spellings of the same signature.
            guard signature.armored == text else {
                throw LetheError(code: .malformed, message: "The signature is misspelt.")
            }
            try signature.check(files.readFile(url), trusted: trusted, role: .operator)
            return signature.key
        } catch {
            throw LetheError(
                code: .integrity,
                message: "\(url.lastPathComponent) is not what the operator signed.",
                remedy: "Restore it and its signature from a backup.", cause: error)
        }
    }

    private static func sealed(_ layout: RegistryLayout) -> [URL] {
        [layout.description, layout.keys.appending(path: Registry.allowedSignersName)]
    }

    private static func signature(of url: URL) -> URL {
        url.deletingLastPathComponent().appending(path: url.lastPathComponent + suffix)
    }
}
