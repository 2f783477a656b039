internal import LetheCertificates
internal import LetheRecords
internal import LetheRegistry
internal import LetheStorage

/// Checks revocations, tombstones, yardsticks and receipts against the versions, and says which
/// versions are still given out.
struct ErasureCheck {
    let source: AuditSource
    /// The digests of all tombstone records, with the objects that each names.
    private(set) var tombstones: [Digest: Set<ErasedObject>] = [:]

    init(source: AuditSource) {
        self.source = source
    }

    /// Checks a model's line of decisions and marks its versions.
    mutating func run(
        _ records: AuditedRecords?, on line: inout AuditedLine, _ book: inout AuditBook
    ) {
        let known = Set(line.versions.map(\.reference))
        var revoked: Set<Int> = []
        var erased: Set<Int> = []
        for entry in records?.entries ?? [] {
            let place = "\(records?.reference.description ?? "") \(entry.step)/\(entry.number).json"
            var found: Decision?
            book.check(.erasures, at: place) { () throws(LetheError) in
                found = try Self.decision(entry, model: line.model, source.trusted)
                guard let decision = found else { return }
                // Records may have come before the versions; then the line is shorter.
                let stranger = decision.versions.first {
                    !known.contains($0) && $0.number <= known.count
                }
                if let stranger {
                    throw CommitCheck.inconsistent(
                        place, "it names \(line.model)@v\(stranger.number), which is another")
                }
            }
            guard let found else { continue }
            let numbers = found.versions.map(\.number)
            if found.erases { erased.formUnion(numbers) } else { revoked.formUnion(numbers) }
            if found.erases { tombstones[entry.digest] = found.objects }
        }
        mark(&line, revoked: revoked, erased: erased)
    }

    /// Checks a registry's line of receipts: each names tombstones that there are, and counts as
    /// gone only what they name.
    func check(_ records: AuditedRecords, _ book: inout AuditBook) {
        for entry in records.entries where entry.step == "receipt" {
            let place = "\(records.reference) \(entry.step)/\(entry.number).json"
            book.check(.receipts, at: place) { () throws(LetheError) in
                let receipt = try DeletionReceipt.read(canonical: entry.bytes)
                guard receipt.registry == records.reference.name else {
                    throw CommitCheck.inconsistent(place, "it is another registry's")
                }
                var named: Set<ErasedObject> = []
                for digest in receipt.tombstones {
                    guard let objects = tombstones[digest] else {
                        throw CommitCheck.inconsistent(
                            place, "nobody decided the tombstones \(digest) that it names")
                    }
                    named.formUnion(objects)
                }
                guard named.isSuperset(of: receipt.gone) else {
                    throw CommitCheck.inconsistent(
                        place, "it says that objects are gone which no tombstone names")
                }
            }
        }
    }

    /// What a record decides about versions.
    private struct Decision {
        let versions: [VersionReference]
        var objects: Set<ErasedObject> = []
        var erases = false
    }

    private static func decision(
        _ entry: AuditedRecord, model: String, _ trusted: TrustedKeys
    ) throws(LetheError) -> Decision? {
        let subject: String
        let found: Decision
        switch entry.step {
        case "revoke":
            let record = try Revocation.read(canonical: entry.bytes)
            subject = record.model
            found = Decision(versions: record.versions)
        case "purge":
            let record = try Tombstones.read(canonical: entry.bytes)
            subject = record.model
            found = Decision(
                versions: record.versions, objects: Set(record.objects), erases: true)
        case "yardstick":
            subject = try SignedYardstick.open(entry.bytes, trusted: trusted).model
            found = Decision(versions: [])
        default: return nil
        }
        guard subject == model else {
            throw CommitCheck.inconsistent("a record of \(model)", "it is about \(subject)")
        }
        return found
    }

    private func mark(_ line: inout AuditedLine, revoked: Set<Int>, erased: Set<Int>) {
        let newest = line.versions.last { $0.manifest.operation == .certify }
        let certified = newest.map { ($0.manifest.number, $0.manifest.requests.count) }
        for index in line.versions.indices {
            let manifest = line.versions[index].manifest
            let isOvertaken = RevocationRule.isOvertaken(
                number: manifest.number, operation: manifest.operation.rawValue,
                requestCount: manifest.requests.count, by: certified)
            line.versions[index].state =
                erased.contains(manifest.number)
                ? .erased : revoked.contains(manifest.number) || isOvertaken ? .revoked : .current
        }
    }
}

extension AuditedVersion {
    /// The version by number and manifest.
    var reference: VersionReference {
        VersionReference(number: manifest.number, manifest: digest)
    }
}
