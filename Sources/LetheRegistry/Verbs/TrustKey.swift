internal import Foundation
public import LetheCertificates
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// Trusts one more key in a role, and signs the list of trusted keys again.
    ///
    /// Two operators' keys are what a policy with `requests.approvalMinimum` 2 needs. Keys are not
    /// transferred: every copy of a registry decides for itself whom it trusts.
    ///
    /// - Parameter line: The public key as `ssh-keygen -y` prints it.
    /// - Throws: `malformed` for another kind of key; `invalidArgument` if it is trusted in another
    ///   role; `refused` unless an operator who is trusted asks.
    public func trust(
        _ line: String, as role: KeyRole, comment: String, keys: KeyFolder
    ) throws(LetheError) {
        try requireWritable(by: keys)
        let key = try VerifyingKey(openSSHLine: line)
        let trusted = try trustedKeys()
        let known = trusted.entry(identifier: key.identifier)
        guard known == nil || known?.role == role else {
            throw LetheError(
                code: .invalidArgument,
                message: "The key \(key.identifier) is trusted already, in another role.",
                remedy: "Make a key of its own for each role and each person.")
        }
        if known == nil {
            let more = try TrustedKeys(
                trusted.entries + [TrustedKeys.Entry(role: role, key: key, comment: comment)])
            try storage.files.replaceFile(
                storage.layout.keys.appending(path: Self.allowedSignersName),
                with: Array(more.allowedSigners.utf8))
        }
        // Also for a key that is there: a process that died before this left the list unsigned.
        try RegistrySeal.write(in: storage.layout, files: storage.files, keys: keys)
    }
}
