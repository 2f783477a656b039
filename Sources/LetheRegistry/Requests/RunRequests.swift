public import LetheRecords
internal import LetheStorage

extension Registry {
    /// The order for one run that honours requests which came in before.
    ///
    /// Each of them stays a request of its own; what two of them name is forgotten once, and so is
    /// what the line has forgotten already.
    ///
    /// - Throws: `refused` for a request that is not accepted, or if all of them are honoured;
    ///   `invalidArgument` if they are about different models or data, or of different kinds.
    public func order(
        for ids: [String], recipe: Recipe, seed: Int, place: RunPlace
    ) throws(LetheError) -> ForgetOrder {
        let cases = try runnable(ids).map(\.opening)
        guard let first = cases.first else {
            throw LetheError(
                code: .invalidArgument, message: "No request is named.",
                remedy: "lethe requests lists them.")
        }
        let isAlike = cases.allSatisfy {
            $0.model == first.model && $0.dataset.name == first.dataset.name
                && ($0.samples == nil) == (first.samples == nil)
        }
        guard isAlike else {
            throw LetheError(
                code: .invalidArgument,
                message: "One run honours requests about one model and one dataset, all by class "
                    + "or all by samples.",
                remedy: "Run the others separately.")
        }
        var order = ForgetOrder(
            model: first.model, classes: [], dataset: first.dataset.name, recipe: recipe,
            seed: seed, place: place, reference: ids.sorted().joined(separator: " "))
        let parent = try resolve(Revision(first.model), fallback: "latest")
        let earlier = try requests(of: parent)
        if first.samples == nil {
            order.groups = Self.groups(of: cases, without: Set(earlier.flatMap(\.classes)))
            order.classes = order.groups.flatMap(\.classes).sorted()
        } else {
            let done = try sampleLists(of: parent, requests: earlier).values
            order.commitments = Set(cases.flatMap { $0.samples?.commitments ?? [] })
                .subtracting(done.flatMap(\.commitments)).sorted()
        }
        guard !order.classes.isEmpty || !order.commitments.isEmpty else {
            throw LetheError(
                code: .refused, message: "\(parent.name) has honoured these requests already.",
                remedy: "lethe requests settle writes that down.")
        }
        return order
    }

    /// Requests that may be run.
    private func runnable(_ ids: [String]) throws(LetheError) -> [CaseFile] {
        let files = try Set(ids).sorted().mapping(caseFile)
        for file in files where ![.accepted, .planned].contains(file.state) {
            throw LetheError(
                code: .refused,
                message: "The request \(file.opening.id) is \(file.state.words); it cannot be run.",
                remedy: file.state.advice(file.opening.id))
        }
        return files.sorted {
            ($0.opening.received, $0.opening.id) < ($1.opening.received, $1.opening.id)
        }
    }

    private static func groups(
        of cases: [ErasureCase], without forgotten: Set<Int>
    ) -> [ForgetGroup] {
        var taken = forgotten
        return cases.compactMap { opening in
            let labels = opening.classes.filter { !taken.contains($0) }
            taken.formUnion(labels)
            return labels.isEmpty
                ? nil
                : ForgetGroup(
                    classes: labels, reference: opening.id, received: opening.received)
        }
    }

    /// Looks up what a run of these requests would reach and writes that down for each of them.
    ///
    /// - Throws: as `order`, and `integrity` if the lineage cannot be read whole.
    public func planRequests(
        _ ids: [String], keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> BlastRadius {
        try requireWritable(by: keys)
        let files = try runnable(ids)
        let radius = try blastRadius(of: files.map(\.opening).mapping(prospect))
        for file in files {
            try append(.planned, to: file, keys: keys, now: now) { $0.reach = radius.reach }
        }
        return radius
    }

    /// The request that honouring a case alone would make.
    private func prospect(of opening: ErasureCase) throws(LetheError) -> ForgetRequest {
        let dataset = try dataset(named: opening.dataset.name)
        let split = try dataset.record.split(named: "train")
        let known = opening.classes.filter(split.classCommitments.indices.contains)
        let root = MerkleTree.root(of: known.map { split.classCommitments[$0] })
        return try ForgetRequest(
            model: opening.model, received: opening.received, classes: opening.classes,
            dataset: dataset.reference, sampleCount: opening.sampleCount,
            commitment: opening.samples?.root ?? root, reference: opening.id,
            samples: opening.samples.mapping { (list) throws(LetheError) in
                try list.selection()
            })
    }

    /// The version since which all of these cases are honoured; nil if one is not.
    private func honouring(_ files: [CaseFile]) throws(LetheError) -> Version? {
        var newest: Version?
        for file in files {
            guard let version = try honouring(file)?.version else { return nil }
            if version.manifest.number > newest?.manifest.number ?? 0 { newest = version }
        }
        return newest
    }

    /// Honours requests in one run, and writes that down for each of them.
    ///
    /// If a version has honoured them by now, because a write that was stopped is only now brought
    /// to its end, that is written down and nothing is run.
    ///
    /// - Parameter order: As `order(for:)` made it, now or before an interruption.
    /// - Throws: as `forget`.
    public func runRequests(
        _ ids: [String], order: ForgetOrder, engine: any Engine, keys: KeyFolder, now: Timestamp,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> Version {
        try requireWritable(by: keys)
        if let version = try honouring(runnable(ids)) {
            _ = try settle(ids, keys: keys, now: now)
            return version
        }
        let unplanned = try runnable(ids).filter { $0.state == .accepted }.map(\.opening.id)
        if !unplanned.isEmpty { _ = try planRequests(unplanned, keys: keys, now: now) }
        let version = try await forget(
            order, engine: engine, keys: keys, now: now, progress: progress)
        _ = try settle(ids, keys: keys, now: now)
        return version
    }
}
