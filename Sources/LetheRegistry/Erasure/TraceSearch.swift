internal import LetheRecords
internal import LetheStorage

/// Gathers the versions that have to do with a request, line by line.
struct TraceSearch {
    /// A weights file of a version that contains the data.
    private struct Affected {
        let version: String
        let file: StoredFile
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
    /// What was read once; an id names one record, whichever version has it.
    private var requests: [String: ForgetRequest] = [:]

    init(_ registry: Registry, _ request: ForgetRequest) {
        self.registry = registry
        self.request = request
        requests[request.id] = request
    }

    /// By line, the oldest version first.
    var entries: [TraceEntry] {
        found.sorted { $0.key < $1.key }.flatMap(\.value)
    }

    /// Adds the request's own line and every line in which a run trained on its data.
    mutating func addTrained() throws(LetheError) {
        let own = try ReferenceName.model(request.model)
        for line in Set(try registry.index.lines(trainedOn: request.dataset.name)).union([own]) {
            for version in try registry.index.versions(of: line) {
                try add(version, relation: line == own ? .ownLine : .sameData)
            }
        }
    }

    /// Adds every line on which somebody published the weights of an affected version, from there
    /// on.
    mutating func addSameWeights() throws(LetheError) {
        let known = Set(found.keys)
        let names = Dictionary(affected.map { ($0.file.digest, $0.version) }) { first, _ in first }
        var starts: [ReferenceName: (number: Int, version: String)] = [:]
        for match in try registry.index.versions(withAnyOf: Set(names.keys)) {
            let line = match.reference
            guard !known.contains(line.name), let version = names[match.file] else { continue }
            if let start = starts[line], start.number <= match.number { continue }
            starts[line] = (match.number, version)
        }
        for (line, start) in starts.sorted(by: { $0.key.name < $1.key.name }) {
            for version in try registry.index.versions(of: line)
            where version.number >= start.number {
                try add(version, relation: .sameWeights(as: start.version))
            }
        }
    }

    /// Adds published versions of other lines that share tensors with an affected version.
    mutating func addSharedTensors() throws(LetheError) {
        var parts: [Digest: String] = [:]
        for one in affected {
            for part in registry.storage.objects.tensorParts(of: one.file) {
                parts[part.digest] = one.version
            }
        }
        let lines = try registry.index.lines(thatPublishedAnyOf: Set(parts.keys))
        for line in lines.sorted(by: { $0.name < $1.name }) where found[line.name] == nil {
            for version in try registry.index.versions(of: line)
            where version.operation == Operation.publish.rawValue {
                let files = version.files.filter(\.holdsWeights)
                let own = files.flatMap { registry.storage.objects.tensorParts(of: $0.file) }
                let shared = own.filter { parts[$0.digest] != nil }
                let total = own.reduce(0) { $0 + $1.sizeBytes }
                let percent = shared.reduce(0) { $0 + $1.sizeBytes } * 100 / max(total, 1)
                guard percent > 0, let other = shared.first.flatMap({ parts[$0.digest] }) else {
                    continue
                }
                try add(version, relation: .sharedTensors(percent: percent, with: other))
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
            guard let base = adapter.base, let other = bases[base] else { continue }
            try add(adapter, relation: .adapter(of: other))
        }
    }

    private mutating func add(
        _ version: IndexedVersion, relation: TraceRelation
    ) throws(LetheError) {
        let model = version.reference.name
        let name = "\(model)@v\(version.number)"
        let contains = try !covers(version)
        let standing = try standing(of: model)
        found[model, default: []].append(
            TraceEntry(
                version: name, commit: version.commit, operation: version.operation,
                relation: relation, contains: contains,
                isCertified: !contains && version.operation == Operation.certify.rawValue,
                state: standing.book.state(
                    number: version.number, operation: version.operation,
                    requestCount: version.requests.count),
                aliases: standing.aliases(of: version.commit)))
        guard contains else { return }
        affected += version.files.filter(\.holdsWeights)
            .map { Affected(version: name, file: $0.file) }
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

    /// Whether the version's line has honoured the request, or one for the same samples under
    /// another name.
    private mutating func covers(_ version: IndexedVersion) throws(LetheError) -> Bool {
        if version.requests.contains(request.id) { return true }
        var others: [ForgetRequest] = []
        for id in version.requests {
            let other = try honoured(id, by: version)
            if other.dataset.name == request.dataset.name { others.append(other) }
        }
        if others.contains(where: { $0.commitment == request.commitment }) { return true }
        let same = others.filter { $0.dataset == request.dataset }.flatMap(\.classes)
        return !request.classes.isEmpty && Set(same).isSuperset(of: request.classes)
    }

    private mutating func honoured(
        _ id: String, by version: IndexedVersion
    ) throws(LetheError) -> ForgetRequest {
        if let known = requests[id] { return known }
        let read = try registry.request(id, at: version.commit)
        requests[id] = read
        return read
    }
}
