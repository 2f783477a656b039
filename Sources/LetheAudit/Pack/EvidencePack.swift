public import Foundation
internal import LetheCertificates
public import LetheRecords
internal import LetheRegistry
internal import LetheStorage

/// One folder with everything that an outsider needs to check an audit's claims with other tools:
/// `ssh-keygen` and `openssl`, or Python's `cryptography` (`scripts/check-evidence`).
public struct EvidencePack {
    private let source: AuditSource
    private let dossier: Dossier
    private let writer: PackWriter
    private let key: SigningKey?

    private init(
        _ source: AuditSource, _ dossier: Dossier, _ writer: PackWriter, _ key: SigningKey?
    ) {
        self.source = source
        self.dossier = dossier
        self.writer = writer
        self.key = key
    }

    /// Writes a pack into a new folder.
    ///
    /// - Parameter key: The auditor's own key, a PKCS#8 PEM file of Ed25519; it signs the
    ///   statements that are derived from the records. Without one they are written unsigned.
    /// - Throws: `alreadyExists` if the folder is there and not empty; `io`, `diskFull`.
    public static func write(
        _ dossier: Dossier, from source: AuditSource, to folder: URL, at time: Timestamp,
        signedBy key: URL? = nil
    ) throws(LetheError) {
        var signer: SigningKey?
        if let key { signer = try SigningKey(contentsOf: key) }
        let writer = try PackWriter(folder)
        let pack = EvidencePack(source, dossier, writer, signer)
        try pack.writeKeys()
        for line in dossier.lines { try pack.write(line) }
        for records in dossier.records { try pack.write(records) }
        try pack.writeLog()
        try writer.write("README.md", Array(PackReadme.text.utf8))
        try writer.write("report.txt", Array((TextReport.text(dossier) + "\n").utf8))
        try writer.write(
            "report.json", Array((PrettyJSON.text(DocumentReport.json(dossier)) + "\n").utf8))
        try writer.write("report.html", Array(PageReport.html(dossier, at: time).utf8))
        try writer.finish()
    }

    private func writeKeys() throws(LetheError) {
        try writer.write(
            "keys/allowed_signers", Array(source.trusted.allowedSigners.utf8))
        if let auditor = try key?.verifyingKey {
            try writer.write("keys/auditor.pem", Array(auditor.pem.utf8))
        }
        for role in KeyRole.allCases {
            for (number, key) in source.trusted.keys(of: role).enumerated() {
                try writer.write("keys/\(role.rawValue)-\(number + 1).pem", Array(key.pem.utf8))
            }
        }
    }

    private func write(_ line: AuditedLine) throws(LetheError) {
        let proofs = LogProofs(source: source, log: dossier.log)
        var statements: [JSONValue] = []
        for (index, version) in line.versions.enumerated() {
            let name = "\(line.model)/v\(version.manifest.number)"
            try write(version.signature, as: "commits/\(name)")
            statements.append(
                Provenance.statement(
                    of: version, after: index > 0 ? line.versions[index - 1] : nil,
                    origin: dossier.log?.origin))
            guard let certificate = version.certificate else { continue }
            statements += try results(of: version, certificate)
            try writer.write("manifests/\(name).json", version.manifest.canonicalBytes())
            try writer.write(
                "certificates/\(name).json", source.lineage.read(certificate.file))
            if let proof = try proofs.proof(of: line.model, at: index) {
                try writer.write("proofs/\(name).tlog-proof", proof.fileBytes)
            }
        }
        try write(statements, of: line.model)
        for request in line.requests.values.sorted(by: { $0.id < $1.id }) {
            try writer.write(
                "requests/\(line.model)/\(request.id).json", request.canonicalBytes())
        }
    }

    /// A verdict in the predicates that other tools know.
    private func results(
        of version: AuditedVersion, _ certificate: CertificateSummary
    ) throws(LetheError) -> [JSONValue] {
        let checked = try CertificateCheck(trusted: source.trusted)
            .check(source.lineage.read(certificate.file))
        let files = version.manifest.files
        return [
            TestResult.statement(checked.verdict, about: files),
            VerificationResult.statement(
                checked.verdict, by: certificate.signer, about: files),
            VerificationSummary.statement(
                checked.verdict, by: certificate.signer, certificate: certificate.digest,
                about: files),
        ]
    }

    /// One statement a line: in envelopes that the auditor signed, or as they are.
    private func write(_ statements: [JSONValue], of model: String) throws(LetheError) {
        var lines: [UInt8] = []
        for statement in statements {
            let payload = try CanonicalJSON.encode(statement)
            if let key {
                lines += try Envelope(signing: payload, with: key).fileBytes()
            } else {
                lines += payload
            }
            lines.append(UInt8(ascii: "\n"))
        }
        let name = key == nil ? "statements.jsonl" : "intoto.jsonl"
        try writer.write("statements/\(model).\(name)", lines)
    }

    private func write(_ records: AuditedRecords) throws(LetheError) {
        let folder = records.reference.description.dropFirst("refs/".count)
        for entry in records.entries {
            try writer.write("records/\(folder)/\(entry.number).json", entry.bytes)
            try write(entry.signature, as: "commits/\(folder)/\(entry.number)")
        }
    }

    /// The bytes that a commit's signature covers, and the signature beside them.
    private func write(_ signature: CommitSignature?, as name: String) throws(LetheError) {
        guard let signature else { return }
        try writer.write("\(name).commit", signature.signedBytes)
        try writer.write("\(name).commit.sig", Array(signature.text.utf8))
    }

    private func writeLog() throws(LetheError) {
        guard let bytes = try source.log?.checkpointBytes() else { return }
        try writer.write("log/checkpoint", bytes)
    }
}

/// Proofs that versions are in the log that was audited.
struct LogProofs {
    let source: AuditSource
    let log: AuditReport?

    /// The proof of a model's version by its place in the line; nil without a log that has it.
    func proof(of model: String, at position: Int) throws(LetheError) -> LogProof? {
        guard let log, log.root != nil, let files = source.log,
            let places = log.places[try ReferenceName.model(model)],
            places.indices.contains(position), let checkpoint = try files.checkpointBytes()
        else { return nil }
        let index = places[position]
        return LogProof(
            entry: try files.entry(at: index, size: log.size), index: index,
            path: try files.reading(size: log.size).inclusionPath(of: index, in: log.size),
            checkpoint: checkpoint)
    }
}

/// Writes files below a new folder, and the list of their digests at the end.
final class PackWriter {
    private let folder: URL
    private var sums: [(path: String, digest: Digest)] = []
    private var folders: Set<String> = []

    init(_ folder: URL) throws(LetheError) {
        self.folder = folder
        let manager = FileManager.default
        let names = try? manager.contentsOfDirectory(atPath: folder.path)
        guard names?.isEmpty ?? !manager.fileExists(atPath: folder.path) else {
            throw LetheError(
                code: .alreadyExists, message: "\(folder.path) exists and is not an empty folder.",
                remedy: "Name a new folder for the evidence.")
        }
    }

    /// Writes one file.
    ///
    /// - Parameter path: Below the folder; made of names that were checked.
    func write(_ path: String, _ bytes: [UInt8]) throws(LetheError) {
        let checked = try TreePath(path)
        let url = folder.appending(path: checked.components.joined(separator: "/"))
        let parent = url.deletingLastPathComponent()
        do {
            if folders.insert(parent.path).inserted {
                try FileManager.default.createDirectory(
                    at: parent, withIntermediateDirectories: true)
            }
            try Data(bytes).write(to: url)
        } catch {
            throw LetheError(
                code: .io, message: "\(url.path) cannot be written.",
                remedy: "Name a folder that you may write, on a disk with room.", cause: error)
        }
        sums.append((path, Digest(hashing: bytes)))
    }

    /// Writes `SHA256SUMS`, as `sha256sum --check` reads it.
    func finish() throws(LetheError) {
        let lines = sums.sorted { $0.path < $1.path }.map { "\($0.digest.hex)  \($0.path)\n" }
        try write("SHA256SUMS", Array(lines.joined().utf8))
    }
}

/// The first file that somebody opens.
enum PackReadme {
    static let text = """
        # Evidence

        Everything here can be checked without Lethe. First compare `keys/allowed_signers` with keys
        that you were given by somebody whom you trust; all else follows from them.

        | what | how |
        |---|---|
        | no file was changed since the pack was made | `sha256sum --check SHA256SUMS` |
        | an operator signed a version | `ssh-keygen -Y verify -f keys/allowed_signers -I operator \
        -n git -s commits/MODEL/v3.commit.sig < commits/MODEL/v3.commit` |
        | a verifier signed a certificate | it is a DSSE envelope: the signature covers `DSSEv1`, \
        length and text of the type, length and bytes of the payload; with those bytes in a file, \
        `openssl pkeyutl -verify -pubin -inkey keys/verifier-1.pem -rawin -in BYTES -sigfile SIG` |
        | a certified version is in the log | `proofs/`: C2SP tlog-proof, with the signed checkpoint |

        `scripts/check-evidence` of Lethe's sources does all of it for every file, with ssh-keygen and \
        openssl or with Python's cryptography, and shares no line with the program that made this.

        `report.html` is for reading. It says at its end what none of this proves.

        """
}
