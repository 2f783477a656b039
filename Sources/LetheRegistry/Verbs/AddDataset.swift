public import LetheRecords
internal import LetheStorage

extension Registry {
    /// Registers a dataset: every sample is read, decoded and committed to under the key; the
    /// samples stay where they are.
    ///
    /// Adding a name again replaces its record if the samples changed, and notes the new place.
    ///
    /// - Throws: `malformed` naming and counting the samples that do not decode.
    public func addDataset(
        named name: String, at location: DatasetLocation, engine: any Engine, keys: KeyFolder,
        now: Timestamp, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> RegisteredDataset {
        let reference = try ReferenceName.dataset(name)
        try requireWritable(by: keys)
        let found = try await engine.describe(
            dataset: location, key: keys.commitmentKey, progress: progress)
        let record = DatasetRecord(
            name: name, format: found.format,
            classCount: found.splits.map(\.commitments.count).max() ?? 0,
            commitmentKey: keys.commitmentKey.identifier, splits: found.splits.map(Self.split))
        let present = try datasetIfPresent(name)
        try setLocation(DatasetLocation(url: location.url, format: found.format), of: name)
        if let present, present.record == record { return present }
        return try write(record, on: reference, onto: present, keys: keys, now: now)
    }

    private static func split(_ split: SplitDescription) -> DatasetSplit {
        DatasetSplit(
            name: split.name, classSampleCounts: split.commitments.map(\.count),
            classCommitments: split.commitments.map(MerkleTree.root))
    }

    private func write(
        _ record: DatasetRecord, on reference: ReferenceName, onto parent: RegisteredDataset?,
        keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> RegisteredDataset {
        let summary = "Add the dataset \(record.name)"
        let draft = CommitDraft(
            tree: [try TreePath(Self.datasetPath): try record.canonicalBytes()],
            parents: parent.map { [$0.commit] } ?? [],
            message: "\(summary)\n\nLethe-Operation: dataset\n", author: Self.author,
            secondsSince1970: now.secondsSince1970)
        let number = try index.versionCount(of: reference) + 1
        let digest = try record.digest()
        let write = VersionWrite(
            draft, on: reference, from: parent?.commit,
            logged: { (commit, signed) in
                LogLeaf(
                    dataset: record.name, record: digest, number: number,
                    previous: parent?.reference.digest, time: now, signed: signed, commit: commit)
            },
            indexed: {
                IndexedVersion(
                    reference: reference, number: number, commit: $0, parent: parent?.commit,
                    operation: "dataset", secondsSince1970: now.secondsSince1970,
                    summary: summary, files: [], requests: [])
            })
        let commits = try writeOrder(keys).write(
            [write], objects: storage.objects.batch(), sign: Self.signer(keys))
        return try dataset(at: commits[0])
    }
}
