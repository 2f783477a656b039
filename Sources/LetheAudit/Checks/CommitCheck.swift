internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// What every commit of every line must be.
enum CommitCheck {
    /// The signature of a commit, made by an operator who is trusted.
    ///
    /// - Throws: `refused` if there is none or its key is not trusted so, `integrity`.
    static func signature(
        of commit: CommitID, in lineage: Lineage, _ trusted: TrustedKeys
    ) throws(LetheError) -> CommitSignature {
        guard let signature = try lineage.signature(of: commit) else {
            throw LetheError(
                code: .refused, message: "The commit \(commit) is not signed.",
                remedy: "Somebody else wrote it; ask the operator.")
        }
        try SSHSignature(armored: signature.text).check(
            signature.signedBytes, trusted: trusted, role: .operator)
        return signature
    }

    static func inconsistent(_ what: String, _ complaint: String) -> LetheError {
        LetheError(
            code: .integrity, message: "\(what) is inconsistent: \(complaint).",
            remedy: "Compare with another clone, and ask the operator what happened.")
    }
}
