internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// What was decided about erasing versions of one model.
struct ErasureRecords {
    private(set) var revocations: [Revocation] = []
    /// Each with the digest of its record, by which receipts name it.
    private(set) var tombstones: [(digest: Digest, record: Tombstones)] = []
    /// DSSE envelopes, oldest first.
    private(set) var yardsticks: [[UInt8]] = []

    init(_ entries: [RecordLine.Entry]) throws(LetheError) {
        for entry in entries {
            switch entry.step {
            case .revoke: revocations.append(try Revocation.read(canonical: entry.bytes))
            case .purge:
                tombstones.append((entry.digest, try Tombstones.read(canonical: entry.bytes)))
            case .yardstick: yardsticks.append(entry.bytes)
            default: break
            }
        }
    }

    /// The versions whose bytes were decided to go.
    var erased: Set<VersionReference> { Set(tombstones.flatMap(\.record.versions)) }

    /// The objects that were decided to go.
    var erasedObjects: Set<Digest> {
        Set(tombstones.flatMap { $0.record.objects.map(\.digest) })
    }
}

extension Registry {
    func erasureLine(of model: String) throws(LetheError) -> RecordLine {
        RecordLine(registry: self, reference: try .erasure(of: model))
    }

    /// The line of this registry's own receipts.
    func receiptLine() throws(LetheError) -> RecordLine {
        RecordLine(registry: self, reference: try .receipts(of: description.id))
    }

    /// What was decided about a model; nothing if nobody decided anything.
    ///
    /// - Throws: `refused` if nobody trusted signed it, `malformed`.
    func erasureRecords(of model: String) throws(LetheError) -> ErasureRecords {
        try ErasureRecords(erasureLine(of: model).entries())
    }

    /// The models about which something was decided, whether the models are here or not.
    func modelsWithErasures() throws(LetheError) -> [String] {
        try storage.lineage.references(prefix: "refs/erasures/").map(\.name.name)
    }

    /// Everything that signed tombstones name, of all models.
    ///
    /// - Throws: as `erasureRecords`.
    func erasedContent() throws(LetheError) -> ErasedContent {
        var content = ErasedContent()
        for model in try modelsWithErasures() {
            let records = try erasureRecords(of: model)
            guard !records.tombstones.isEmpty else { continue }
            content.objects.formUnion(records.erasedObjects)
            let erased = records.erased
            guard try storage.lineage.target(of: .model(model)) != nil else { continue }
            var gone: Set<Digest> = []
            var surviving: Set<Digest> = []
            for version in try versions(of: model) {
                let files = version.storedFiles.map(\.digest)
                if erased.contains(version.reference) {
                    gone.formUnion(files)
                } else {
                    surviving.formUnion(files)
                }
            }
            content.files.formUnion(gone.subtracting(surviving))
        }
        return content
    }

    /// The model or registry that a record is about; throws if it is no record of its step.
    func subject(of entry: RecordLine.Entry) throws(LetheError) -> String {
        switch entry.step {
        case .revoke: try Revocation.read(canonical: entry.bytes).model
        case .purge: try Tombstones.read(canonical: entry.bytes).model
        case .receipt: try DeletionReceipt.read(canonical: entry.bytes).registry
        case .yardstick:
            try SignedYardstick.open(entry.bytes, trusted: trustedKeys()).model
        case .received: try CaseLine.opening(entry.bytes).id
        default: try CaseLine.step(entry).case
        }
    }
}

extension Version {
    /// The version by number and manifest.
    var reference: VersionReference {
        VersionReference(number: manifest.number, manifest: manifestDigest)
    }
}
