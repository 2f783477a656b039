public import LetheRecords
internal import LetheStorage

/// A line that still contains what a request asked to forget, and how it can be honoured there.
public struct SpreadLine: Sendable, Equatable {
    /// The ways, cheapest first.
    public enum Way: Int, Sendable, Comparable {
        /// Stages that never saw the data are served instead; nothing is trained.
        case rollBack
        /// A method runs.
        case run
        /// Nothing that Lethe can do: an adapter, or a model that only shares tensors.
        case byHand

        /// Orders by cost.
        public static func < (left: Way, right: Way) -> Bool { left.rawValue < right.rawValue }

        /// In words.
        public var words: String {
            switch self {
            case .rollBack: "roll back stages"
            case .run: "forget"
            case .byHand: "look at it, and revoke it"
            }
        }
    }

    /// The model.
    public let model: String
    /// Its newest version, which contains the data.
    public let version: String
    /// How to honour the request there.
    public let way: Way
    /// Why it is named.
    public let relation: TraceRelation
}

extension Registry {
    /// The other lines whose newest version still contains what an honoured request asked to
    /// forget, the cheapest to honour first.
    ///
    /// - Throws: `notFound` if no version has honoured such a request.
    public func linesContaining(_ id: String) throws(LetheError) -> [SpreadLine] {
        var lines: [SpreadLine] = []
        for entry in try trace(id).entries
        where entry.contains && entry.aliases.contains(.latest) && entry.relation != .ownLine {
            let version = try resolve(Revision(entry.version))
            lines.append(
                SpreadLine(
                    model: version.manifest.model, version: entry.version,
                    way: Self.way(version, entry.relation), relation: entry.relation))
        }
        return lines.sorted { ($0.way, $0.model) < ($1.way, $1.model) }
    }

    private static func way(_ version: Version, _ relation: TraceRelation) -> SpreadLine.Way {
        switch relation {
        case .sharedTensors, .adapter: return .byHand
        case .ownLine, .sameData, .sameWeights: break
        }
        if version.manifest.shards != nil { return .rollBack }
        let isWhole = version.manifest.files.contains { $0.path == VersionTree.weightsName }
        return isWhole ? .run : .byHand
    }

    /// The order that honours an honoured request on another line, too.
    ///
    /// - Throws: `notFound` if no version has honoured such a request; `refused` if that line has
    ///   forgotten all of it already.
    public func order(
        spreading id: String, to model: String, recipe: Recipe, seed: Int, place: RunPlace
    ) throws(LetheError) -> ForgetOrder {
        let request = try trace(id).request
        let done = try tip(of: model).mapping(requests(of:)) ?? []
        let gone = Set(done.filter { $0.dataset == request.dataset }.flatMap(\.classes))
        var order = ForgetOrder(
            model: model, classes: request.classes.filter { !gone.contains($0) },
            dataset: request.dataset.name, recipe: recipe, seed: seed, place: place,
            reference: request.reference ?? id)
        if request.classes.isEmpty, let commit = try index.firstCommit(honouring: id) {
            order.commitments = try commitments(of: request, at: version(at: commit)).sorted()
        }
        guard !order.classes.isEmpty || !order.commitments.isEmpty else {
            throw LetheError(
                code: .refused, message: "\(model) has forgotten all of \(id) already.",
                remedy: "See lethe trace \(id).")
        }
        return order
    }
}
