public import LetheRecords
internal import LetheStorage

/// What honouring requests would reach, looked up before anything is done.
public struct BlastRadius: Sendable {
    /// Every version of any line that knows the data, or may; erased ones are left out.
    public let entries: [TraceEntry]
    /// Certified versions of the model, whose certificates no longer count after the next one.
    public let lapsing: [String]
    /// The objects that purging the model's versions would erase, at most: the new version may
    /// still have some of them.
    public let going: [ErasedObject]
    /// Objects of those versions that stay, with the living version that holds each.
    public let staying: [KeptObject]
    /// Who is known to have pulled a version that knows the data.
    public let recipients: [Recipient]

    /// The bytes that would go.
    public var goingSizeBytes: Int { going.reduce(0) { $0 + $1.sizeBytes } }
    /// The bytes that would stay.
    public var stayingSizeBytes: Int { staying.reduce(0) { $0 + $1.sizeBytes } }

    /// The same in numbers, as the record of a request keeps it.
    public var reach: CaseReach {
        CaseReach(
            versionCount: entries.count, givenOutCount: entries.count { $0.state == .current },
            lapsingCount: lapsing.count, goingSizeBytes: goingSizeBytes,
            stayingSizeBytes: stayingSizeBytes,
            recipientCount: Set(recipients.map(\.consumer)).count)
    }
}

/// A consumer that pulled a version.
public struct Recipient: Sendable, Hashable {
    /// What it calls itself.
    public let consumer: String
    /// `faces@v1`.
    public let version: String
}

extension Registry {
    /// What honouring requests about one model would reach.
    ///
    /// - Throws: `integrity` if the lineage cannot be read whole.
    func blastRadius(of requests: [ForgetRequest]) throws(LetheError) -> BlastRadius {
        var found: [String: TraceEntry] = [:]
        for request in requests {
            for entry in try entries(concerning: request)
            where entry.contains && entry.state != .erased { found[entry.version] = entry }
        }
        let entries = found.values.sorted { $0.version < $1.version }
        let model = requests.first?.model ?? ""
        let own = try versions(of: model).filter { found[$0.name] != nil }
        let needs = try bytesNeeded(besides: own)
        let objects = try storage.objects.closure(of: own.flatMap(\.storedFiles))
        return BlastRadius(
            entries: entries,
            lapsing: own.filter { $0.manifest.operation == .certify }.map(\.name)
                .filter { found[$0]?.state == .current },
            going: objects.filter { needs[$0.digest] == nil },
            staying: objects.compactMap { object in
                needs[object.digest].map {
                    KeptObject(
                        digest: object.digest, sizeBytes: object.sizeBytes, holder: $0)
                }
            },
            recipients: try recipients(among: Set(found.keys)))
    }

    private func bytesNeeded(besides versions: [Version]) throws(LetheError) -> [Digest: String] {
        var needs = try objectNeeds(
            besides: Set(versions.map(\.manifestDigest)), supposing: true)
        try needs.update()
        return needs.holders
    }

    /// Who is known to have pulled one of these versions.
    private func recipients(among versions: Set<String>) throws(LetheError) -> [Recipient] {
        let all = try pullNotes().map {
            Recipient(consumer: $0.consumer, version: "\($0.model)@v\($0.version.number)")
        }
        return Set(all).filter { versions.contains($0.version) }
            .sorted { ($0.consumer, $0.version) < ($1.consumer, $1.version) }
    }

    /// Who is known to have pulled a version that knows the data of honoured requests.
    func recipients(of requests: [String]) throws(LetheError) -> [String] {
        var versions: Set<String> = []
        for id in requests {
            versions.formUnion(try trace(id).entries.filter(\.contains).map(\.version))
        }
        return Set(try recipients(among: versions).map(\.consumer)).sorted()
    }
}
