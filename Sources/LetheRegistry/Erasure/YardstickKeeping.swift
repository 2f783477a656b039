internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// Has the first version of a line measured once more and keeps its answers, signed by the
    /// verifier, so that the line can be judged when its weights are erased.
    ///
    /// - Throws: `alreadyExists` if there is one for this data, `refused` if the weights are erased.
    public func keepYardstick(
        of model: String, dataset name: String?, split: String = "test", place: RunPlace,
        judge: any YardstickJudge, keys: KeyFolder, now: Timestamp,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> Yardstick {
        try requireWritable(by: keys, as: .verifier)
        let first = try firstVersion(of: model)
        let name = if let name { name } else { try newestDataset(of: model) }
        let dataset = try dataset(named: name)
        try refuseSecondYardstick(of: first, dataset, split)
        let work = try workFolder()
        let folder = try work.folder("first")
        try materialise(first, into: folder, progress: progress)
        let weights = try first.judged().digest
        let measured = try await judge.answers(
            YardstickTask(
                folder: folder, weights: weights, dataset: try location(of: dataset.record.name),
                datasetReference: dataset.reference, split: split, place: place),
            progress: progress)
        let yardstick = Yardstick(
            model: model, version: first.reference, weights: weights, dataset: dataset.reference,
            split: split, answers: measured.answers, environment: measured.environment,
            created: now)
        try erasureLine(of: model).append(
            SignedYardstick.sign(yardstick, with: keys.verifierKey), as: .yardstick,
            summary: "Keep what \(first.name) answered on \(dataset.record.name)", keys: keys,
            now: now)
        return yardstick
    }

    private func refuseSecondYardstick(
        of first: Version, _ dataset: RegisteredDataset, _ split: String
    ) throws(LetheError) {
        let known = try yardsticks(of: first)
        guard !known.contains(where: { $0.dataset == dataset.reference && $0.split == split })
        else {
            throw LetheError(
                code: .alreadyExists,
                message: "The answers of \(first.name) on \(dataset.record.name), \(split), are "
                    + "kept already.",
                remedy: "Nothing to do.")
        }
    }

    private func newestDataset(of model: String) throws(LetheError) -> String {
        guard let tip = try tip(of: model) else { throw try unknown(model: model) }
        guard let name = try requests(of: tip).last?.dataset.name else {
            throw LetheError(
                code: .invalidArgument,
                message: "\(model) has no request that would say which data to measure on.",
                remedy: "Name a dataset with --dataset.")
        }
        return name
    }

    /// The answers of a line's first version, where its weights are erased; nil to measure it.
    ///
    /// - Throws: `refused` if they are erased and no verifier measured them on this data.
    func yardstick(
        for first: Version, dataset: DatasetReference, split: String
    ) throws(LetheError) -> [Bool]? {
        let records = try erasureRecords(of: first.manifest.model)
        guard records.erased.contains(first.reference) else { return nil }
        let kept = try yardsticks(of: first).last {
            $0.dataset == dataset && $0.split == split
        }
        if let kept { return try kept.answers() }
        throw LetheError(
            code: .refused,
            message: "The weights of \(first.name), against which retained accuracy is measured, "
                + "are erased, and nobody kept what they answered on \(dataset.name), \(split).",
            remedy: "Judge by the data and the split of the line's earlier certificates.")
    }

    /// What verifiers kept of a line's first version.
    func yardsticks(of first: Version) throws(LetheError) -> [Yardstick] {
        let trusted = try trustedKeys()
        let weights = try first.judged().digest
        return try erasureRecords(of: first.manifest.model).yardsticks
            .mapping { (bytes) throws(LetheError) in
                try SignedYardstick.open(bytes, trusted: trusted)
            }
            .filter { $0.version == first.reference && $0.weights == weights }
    }
}
