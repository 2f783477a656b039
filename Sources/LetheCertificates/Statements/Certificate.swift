public import LetheRecords

/// A verifier's signed verdict on the files of one version.
public enum Certificate {
    /// Signs a verdict on files; gives the bytes of the certificate file.
    ///
    /// - Throws: `gateFailed` for a verdict that did not pass, `invalidArgument` for one that
    ///   contradicts itself or names weights that are not among the files.
    public static func issue(
        _ verdict: ForgetVerdict, on files: [Subject], with key: SigningKey
    ) throws(LetheError) -> [UInt8] {
        if let gate = verdict.report.gates.first(where: { !$0.held }) {
            throw LetheError(
                code: .gateFailed,
                message: "The gate \(gate.gate) did not hold for \(gate.subject); "
                    + "such a version gets no certificate.",
                remedy: "Forget again with another recipe, or judge by another policy.")
        }
        if let reason = VerdictConsistency.contradiction(in: verdict, on: files) {
            throw LetheError(
                code: .invalidArgument, message: "The verdict cannot be signed: \(reason).")
        }
        let statement = try Statement(subject: files, predicate: verdict)
        return try Envelope(signing: CanonicalJSON.encode(statement), with: key).fileBytes()
    }
}

/// A certificate that was checked: signature, signer's role, consistency, files.
public struct CheckedCertificate: Sendable, Equatable {
    /// What was signed.
    public let statement: Statement<ForgetVerdict>
    /// Who signed.
    public let signer: VerifyingKey
    /// SHA-256 of the certificate file, the name by which a manifest refers to it.
    public let digest: Digest

    /// The verdict on the files.
    public var verdict: ForgetVerdict { statement.predicate }
    /// The files that the verdict is about.
    public var files: [Subject] { statement.subject }
}

/// Checks certificates against trusted keys; needs neither torch nor git nor a network.
public struct CertificateCheck: Sendable {
    private let trusted: TrustedKeys

    /// Checks by these keys.
    public init(trusted: TrustedKeys) {
        self.trusted = trusted
    }

    /// Checks a certificate file.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of the certificate file.
    ///   - files: The files at hand with their digests; nil to check the certificate alone. They
    ///     must be the certificate's files, all of them and no others.
    /// - Throws: `integrity` if bytes were changed or files differ, `refused` if the signer is
    ///   not a trusted verifier or the verdict does not support itself, `unsupported` for
    ///   another kind of statement.
    public func check(
        _ bytes: [UInt8], files: [Subject]? = nil
    ) throws(LetheError) -> CheckedCertificate {
        let envelope = try Self.integral { () throws(LetheError) in
            try Envelope(fileBytes: bytes)
        }
        let signer = try signer(of: envelope)
        guard envelope.payloadType == Envelope.statementType else {
            throw LetheError(
                code: .unsupported, message: "The signed payload is no in-toto statement.")
        }
        let statement = try Self.integral { () throws(LetheError) in
            try CanonicalJSON.decode(Statement<ForgetVerdict>.self, from: envelope.payload)
        }
        if let reason = VerdictConsistency.contradiction(
            in: statement.predicate, on: statement.subject)
        {
            throw LetheError(
                code: .refused, message: "The certificate contradicts itself: \(reason).",
                remedy: "Ask the verifier; its key or its program may be compromised.")
        }
        if let files { try Self.compare(files, with: statement.subject) }
        return CheckedCertificate(
            statement: statement, signer: signer, digest: Digest(hashing: bytes))
    }

    private func signer(of envelope: Envelope) throws(LetheError) -> VerifyingKey {
        guard let entry = trusted.entry(identifier: envelope.keyIdentifier) else {
            if trusted.entries.contains(where: { envelope.isSigned(by: $0.key) }) {
                throw Self.changed("the name of its key was changed")
            }
            throw LetheError(
                code: .refused,
                message: "The certificate is signed by the unknown key "
                    + "\(envelope.keyIdentifier.prefix(80)).",
                remedy: "Add the key to the trusted keys if you know whose it is.")
        }
        guard envelope.isSigned(by: entry.key) else {
            throw Self.changed("its signature does not match its contents")
        }
        guard entry.role == .verifier else {
            throw LetheError(
                code: .refused,
                message: "The certificate is signed by the \(entry.role.rawValue)'s key "
                    + "\(entry.key); only a verifier certifies.",
                remedy: "Have a verifier with a key of its own judge the version.")
        }
        return entry.key
    }

    private static func compare(
        _ files: [Subject], with certified: [Subject]
    ) throws(LetheError) {
        let found = Dictionary(files.map { ($0.name, $0.digest) }) { first, _ in first }
        for file in certified where found[file.name] != file.digest {
            throw LetheError(
                code: .integrity,
                message: found[file.name] == nil
                    ? "The certified file \(file.name) is missing."
                    : "The file \(file.name) is not the one that was certified.",
                remedy: "Pull the version again.")
        }
        let names = Set(certified.map(\.name))
        if let extra = files.first(where: { !names.contains($0.name) }) {
            throw LetheError(
                code: .integrity, message: "The certificate does not cover \(extra.name).",
                remedy: "Remove the file, or pull the version again.")
        }
    }

    /// A certificate that does not even parse was changed after it was written.
    private static func integral<Value>(
        _ body: () throws(LetheError) -> Value
    ) throws(LetheError) -> Value {
        do {
            return try body()
        } catch {
            if error.code != .malformed { throw error }
            throw changed("it is no longer well-formed", cause: error)
        }
    }

    private static func changed(_ reason: String, cause: LetheError? = nil) -> LetheError {
        LetheError(
            code: .integrity, message: "The certificate is damaged: \(reason).",
            remedy: "Fetch it again; a changed certificate proves nothing.", cause: cause)
    }
}
