internal import LetheRecords
internal import LetheStorage

/// Gathers the versions that have to do with a request, line by line.
struct TraceSearch {
    /// A weights file of a version that contains the data.
    private struct Affected {
        let version: String
        let file: VersionFile
    }

    /// What is the same for all versions of a line.
    private struct Standing {
        let book: RevocationBook
        let latest: CommitID?
        let certified: CommitID?

        func aliases(of commit: CommitID) -> [Alias] {
            (latest == commit ? [.latest] : []) + (certified == commit ? [.certified] : [])
        }
    }

    private let registry: Registry
    private let request: ForgetRequest
    private var found: [String: [TraceEntry]] = [:]
    private var affected: [Affected] = []
    private var standings: [String: Standing] = [:]

    init(_ registry: Registry, _ request: ForgetRequest) {
        self.registry = registry
        self.request = request
    }

    /// By line, the oldest version first.
    var entries: [TraceEntry] {
        found.sorted { $0.key < $1.key }.flatMap(\.value)
    }

    /// Adds a version of a line that the index found.
    mutating func add(_ summary: VersionSummary) throws(LetheError) {
        let isOwn = summary.reference.name == request.model
        try add(
            registry.version(at: summary.commit), relation: isOwn ? .ownLine : .sameData,
            hasHonoured: summary.hasHonoured)
    }

    /// Adds every line on which somebody published the weights of an affected version, from there
    /// on.
    mutating func addSameWeights() throws(LetheError) {
        let known = Set(found.keys)
        let names = Dictionary(affected.map { ($0.file.digest, $0.version) }) { first, _ in first }
        var starts: [String: (number: Int, version: String)] = [:]
        for match in try registry.index.versions(withAnyOf: Set(names.keys)) {
            let model = match.reference.name
            guard !known.contains(model), let version = names[match.file] else { continue }
            if let start = starts[model], start.number <= match.number { continue }
            starts[model] = (match.number, version)
        }
        for (model, start) in starts.sorted(by: { $0.key < $1.key }) {
            for version in try registry.versions(of: model).dropFirst(start.number - 1) {
                try add(version, relation: .sameWeights(as: start.version), hasHonoured: false)
            }
        }
    }

    /// Adds published versions of other lines that share tensors with an affected version.
    mutating func addSharedTensors() throws(LetheError) {
        var parts: [Digest: String] = [:]
        for one in affected {
            for part in registry.storage.objects.tensorParts(of: one.file.stored) {
                parts[part.digest] = one.version
            }
        }
        let lines = try registry.index.lines(thatPublishedAnyOf: Set(parts.keys))
        for model in lines.map(\.name).sorted() where found[model] == nil {
            for version in try registry.versions(of: model)
            where version.manifest.operation == .publish {
                let files = version.manifest.files.filter { Self.isWeights($0) }
                let own = files.flatMap { registry.storage.objects.tensorParts(of: $0.stored) }
                let shared = own.filter { parts[$0.digest] != nil }
                let total = own.reduce(0) { $0 + $1.sizeBytes }
                let percent = shared.reduce(0) { $0 + $1.sizeBytes } * 100 / max(total, 1)
                guard percent > 0, let other = shared.first.flatMap({ parts[$0.digest] }) else {
                    continue
                }
                try add(
                    version, relation: .sharedTensors(percent: percent, with: other),
                    hasHonoured: false)
            }
        }
    }

    /// Adds adapters that name the weights of an affected version as their base.
    mutating func addAdapters() throws(LetheError) {
        var bases: [Digest: String] = [:]
        for one in affected { bases[one.file.digest] = one.version }
        let known = Set(found.keys)
        for adapter in try registry.index.adapters(ofAnyOf: Set(bases.keys))
        where !known.contains(adapter.reference.name) {
            guard let other = bases[adapter.base] else { continue }
            try add(
                registry.version(at: adapter.commit), relation: .adapter(of: other),
                hasHonoured: false)
        }
    }

    private mutating func add(
        _ version: Version, relation: TraceRelation, hasHonoured: Bool
    ) throws(LetheError) {
        let model = version.manifest.model
        let contains = hasHonoured ? false : try !covers(version)
        let standing = try standing(of: model)
        found[model, default: []].append(
            TraceEntry(
                version: version.name, commit: version.commit,
                operation: version.manifest.operation.rawValue, relation: relation,
                contains: contains,
                isCertified: !contains && version.manifest.operation == .certify,
                state: standing.book.state(of: version),
                aliases: standing.aliases(of: version.commit)))
        guard contains else { return }
        affected += version.manifest.files.filter { Self.isWeights($0) }
            .map { Affected(version: version.name, file: $0) }
    }

    private mutating func standing(of model: String) throws(LetheError) -> Standing {
        if let known = standings[model] { return known }
        let standing = Standing(
            book: try registry.revocationBook(of: model),
            latest: try registry.tip(of: model)?.commit,
            certified: try registry.newestCertified(of: model)?.commit)
        standings[model] = standing
        return standing
    }

    /// Whether the version's line has honoured a request for the same samples, under another name.
    private func covers(_ version: Version) throws(LetheError) -> Bool {
        let others = try registry.requests(of: version)
            .filter { $0.dataset.name == request.dataset.name }
        if others.contains(where: { $0.commitment == request.commitment }) { return true }
        let same = others.filter { $0.dataset == request.dataset }.flatMap(\.classes)
        return !request.classes.isEmpty && Set(same).isSuperset(of: request.classes)
    }

    private static func isWeights(_ file: VersionFile) -> Bool {
        file.path.hasSuffix(".safetensors")
    }
}
