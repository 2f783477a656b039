internal import LetheRecords
internal import LetheStorage

/// The samples that an order names, checked against the dataset's record.
struct ChosenSamples {
    let list: SampleList
    /// Training samples that the list covers, exact copies counted one by one.
    let sampleCount: Int
    /// The label of each of them.
    let labels: [Int]
}

extension Registry {
    /// Finds and checks the samples that an order names; nil for an order of classes.
    ///
    /// - Throws: `integrity` if the dataset is not the one that was registered, `invalidArgument`
    ///   for a sample that was forgotten already, and what `Engine.locate` throws.
    func chosenSamples(
        _ order: ForgetOrder, _ dataset: RegisteredDataset, earlier: [ForgetRequest],
        lists: [String: SampleList], engine: any Engine, keys: KeyFolder,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> ChosenSamples? {
        guard !order.samples.isEmpty || !order.commitments.isEmpty else { return nil }
        let key = keys.commitmentKey
        try requireKey(of: dataset.record, is: key)
        // By commitments any sample will do as a name: the split's own are wanted.
        let names = order.samples.isEmpty ? ["train:0"] : order.samples
        let located = try await engine.locate(
            names, in: location(of: order.dataset), key: key, progress: progress)
        if !order.samples.isEmpty {
            try requireNew(located.named, earlier: earlier, lists: lists)
        }
        let wanted =
            order.samples.isEmpty ? order.commitments : located.named.map(\.commitment)
        return try chosen(wanted, in: located.training, dataset, key)
    }

    /// The samples of a training split that somebody wants forgotten.
    ///
    /// - Throws: `integrity` if the split is not the registered one, `notFound` for a commitment
    ///   that is not in it.
    func chosen(
        _ commitments: [Digest], in training: SplitDescription, _ dataset: RegisteredDataset,
        _ key: CommitmentKey
    ) throws(LetheError) -> ChosenSamples {
        try requireRegistered(training, dataset.record)
        let list = try SampleList(commitmentKey: key.identifier, commitments: commitments)
        let wanted = Set(list.commitments)
        let labels = training.commitments.enumerated().flatMap { label, digests in
            digests.filter(wanted.contains).map { _ in label }
        }
        guard wanted.isSubset(of: Set(training.commitments.joined())) else {
            throw LetheError(
                code: .notFound,
                message: "The dataset \"\(dataset.record.name)\" no longer has every sample that "
                    + "is to be forgotten.",
                remedy: "Restore the samples until the request is honoured.")
        }
        return ChosenSamples(list: list, sampleCount: labels.count, labels: labels)
    }

    func requireKey(
        of record: DatasetRecord, is key: CommitmentKey
    ) throws(LetheError) {
        guard record.commitmentKey != key.identifier else { return }
        throw LetheError(
            code: .refused,
            message: "The dataset \"\(record.name)\" was registered under another commitment key.",
            remedy: "Name the folder of that key with --keys, or register the dataset again.")
    }

    private func requireRegistered(
        _ found: SplitDescription, _ record: DatasetRecord
    ) throws(LetheError) {
        let split = try record.split(named: found.name)
        guard found.commitments.map(MerkleTree.root) != split.classCommitments else { return }
        throw LetheError(
            code: .integrity,
            message: "The training samples of \"\(record.name)\" are not the ones that were "
                + "registered.",
            remedy: "Restore them, or register the dataset again with lethe dataset add.")
    }

    private func requireNew(
        _ samples: [SampleMatch], earlier: [ForgetRequest], lists: [String: SampleList]
    ) throws(LetheError) {
        for (position, sample) in samples.enumerated() {
            let owner = earlier.first { request in
                request.classes.contains(sample.label)
                    || lists[request.id]?.commitments.contains(sample.commitment) == true
            }
            guard let owner else { continue }
            throw LetheError(
                code: .invalidArgument,
                message: "Line \(position + 1) names a sample that was forgotten already, by the "
                    + "request \(owner.id).",
                remedy: "Leave it out of the list.")
        }
    }

    /// The lists of samples of a version's requests, by the request's id.
    ///
    /// - Throws: `integrity` if a list is not the one that its request names.
    func sampleLists(
        of version: Version, requests: [ForgetRequest]
    ) throws(LetheError) -> [String: SampleList] {
        var lists: [String: SampleList] = [:]
        for request in requests {
            guard request.samples != nil else { continue }
            let bytes = try required(VersionTree.sampleListPath(request.id), of: version)
            let list = try SampleList.read(canonical: bytes)
            try requireList(list, of: request)
            lists[request.id] = list
        }
        return lists
    }

    func requireList(_ list: SampleList, of request: ForgetRequest) throws(LetheError) {
        guard try list.selection() == request.samples, list.root == request.commitment else {
            throw LetheError(
                code: .integrity,
                message: "The list of samples of the request \(request.id) was changed.",
                remedy: "Restore the lineage from a backup or another clone.")
        }
    }

    /// What a run needs to keep the samples of a line's requests out of its pools; nil where the
    /// samples were committed to under a key that is not at hand and no request names any.
    ///
    /// - Throws: `refused` if requests name samples under another key.
    func commitments(
        key: CommitmentKey, dataset: DatasetRecord, requested: [Digest] = [],
        lists: [String: SampleList]
    ) throws(LetheError) -> SampleCommitments? {
        let others = lists.values.filter { $0.commitmentKey != key.identifier }
        guard others.isEmpty else {
            throw LetheError(
                code: .refused,
                message: "Samples of earlier requests were committed to under another key, so they "
                    + "cannot be told from those to retain.",
                remedy: "Name the folder of that key with --keys.")
        }
        guard dataset.commitmentKey == key.identifier else {
            return lists.isEmpty
                ? nil : SampleCommitments(key: key, forgotten: lists.values.flatMap(\.commitments))
        }
        return SampleCommitments(
            key: key, requested: requested, forgotten: lists.values.flatMap(\.commitments))
    }

    /// The requests that an order makes: one, or one for each class.
    func newRequests(
        _ order: ForgetOrder, _ dataset: RegisteredDataset, _ chosen: ChosenSamples?,
        now: Timestamp
    ) throws(LetheError) -> [ForgetRequest] {
        if let chosen {
            return [
                try ForgetRequest(
                    model: order.model, received: now, classes: [], dataset: dataset.reference,
                    sampleCount: chosen.sampleCount, commitment: chosen.list.root,
                    reference: order.reference, samples: chosen.list.selection())
            ]
        }
        let split = try dataset.record.split(named: "train")
        return try groups(of: order).mapping { (group) throws(LetheError) in
            let labels = group.classes.sorted()
            return try ForgetRequest(
                model: order.model, received: group.received ?? now, classes: labels,
                dataset: dataset.reference,
                sampleCount: labels.reduce(0) { $0 + split.classSampleCounts[$1] },
                commitment: MerkleTree.root(of: labels.map { split.classCommitments[$0] }),
                reference: group.reference)
        }
    }

    /// Which classes make a request of their own.
    private func groups(
        of order: ForgetOrder
    ) -> [(classes: [Int], reference: String?, received: Timestamp?)] {
        if !order.groups.isEmpty {
            return order.groups.map { ($0.classes, $0.reference, $0.received) }
        }
        let classes = order.classes.sorted()
        let groups = order.isSeparate ? classes.map { [$0] } : [classes]
        return groups.map { ($0, order.reference, nil) }
    }
}
