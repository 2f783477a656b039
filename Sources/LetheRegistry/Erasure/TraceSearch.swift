internal import LetheRecords
internal import LetheStorage

/// Gathers the versions that have to do with a request, line by line.
struct TraceSearch {
    /// A weights file of a version that contains the data.
    private struct Affected {
        let version: String
        let file: VersionFile
    }

    private let registry: Registry
    private let request: ForgetRequest
    private var found: [String: [TraceEntry]] = [:]
    private var affected: [Affected] = []
    private var books: [String: RevocationBook] = [:]

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
        for model in try models(havingAnyOf: Set(parts.keys)) {
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

    /// The lines not found yet that published any of these objects; only recipes are read.
    private func models(havingAnyOf parts: Set<Digest>) throws(LetheError) -> [String] {
        guard !parts.isEmpty else { return [] }
        let objects = registry.storage.objects
        var models: Set<String> = []
        for (reference, file) in try registry.index.publishedFiles(endingIn: ".safetensors")
        where found[reference.name] == nil && !models.contains(reference.name) {
            if objects.tensorParts(of: file).contains(where: { parts.contains($0.digest) }) {
                models.insert(reference.name)
            }
        }
        return models.sorted()
    }

    /// Adds adapters that name the weights of an affected version as their base.
    mutating func addAdapters() throws(LetheError) {
        var bases: [Digest: String] = [:]
        for one in affected { bases[one.file.digest] = one.version }
        let adapters = try registry.index.publishedFiles(endingIn: AdapterFolder.weightsName)
        for model in Set(adapters.map(\.reference.name)).sorted() where found[model] == nil {
            for version in try registry.versions(of: model) {
                guard let other = version.manifest.base.flatMap({ bases[$0.weights] }) else {
                    continue
                }
                try add(version, relation: .adapter(of: other), hasHonoured: false)
            }
        }
    }

    private mutating func add(
        _ version: Version, relation: TraceRelation, hasHonoured: Bool
    ) throws(LetheError) {
        let model = version.manifest.model
        let contains = hasHonoured ? false : try !covers(version)
        let book =
            if let known = books[model] { known } else {
                try registry.revocationBook(of: model)
            }
        books[model] = book
        var aliases: [Alias] = []
        if try registry.tip(of: model)?.commit == version.commit { aliases.append(.latest) }
        if try registry.newestCertified(of: model)?.commit == version.commit {
            aliases.append(.certified)
        }
        found[model, default: []].append(
            TraceEntry(
                version: version.name, commit: version.commit,
                operation: version.manifest.operation.rawValue, relation: relation,
                contains: contains,
                isCertified: !contains && version.manifest.operation == .certify,
                state: book.state(of: version), aliases: aliases))
        guard contains else { return }
        affected += version.manifest.files.filter { Self.isWeights($0) }
            .map { Affected(version: version.name, file: $0) }
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
