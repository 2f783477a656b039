import LetheRecords
import LetheVision

/// Reads every sample of a dataset once: it must decode, and it is committed to.
struct DatasetDescriber {
    private static let chunkSize = 256

    let key: CommitmentKey
    let progress: ProgressHandler
    let cancellation: CancellationFlag

    /// Commitments by split and class, in stored order; splits ordered by name.
    ///
    /// - Throws: `malformed` naming and counting the samples that do not decode.
    func describe(_ location: DatasetLocation) throws(LetheError) -> DatasetDescription {
        let dataset = try location.open()
        let total = dataset.splits.values.reduce(0) { $0 + $1.count }
        var done = 0
        var failures = UndecodableSamples()
        var splits: [SplitDescription] = []
        for (name, samples) in dataset.splits.sorted(by: { $0.key < $1.key }) {
            var commitments = [[Digest]](repeating: [], count: dataset.classCount)
            for start in stride(from: 0, to: samples.count, by: Self.chunkSize) {
                try cancellation.throwIfSet()
                let chunk = Array(samples[start..<min(start + Self.chunkSize, samples.count)])
                for (sample, result) in zip(chunk, commit(chunk, dataset)) {
                    switch result {
                    case .success(let digest): commitments[sample.label].append(digest)
                    case .failure(let error):
                        failures.add(dataset.description(of: sample), error)
                    }
                }
                done += chunk.count
                progress(Progress(phase: "reading images", done: done, total: total))
            }
            splits.append(SplitDescription(name: name, commitments: commitments))
        }
        try failures.throwIfAny(among: total)
        return DatasetDescription(format: dataset.format.rawValue, splits: splits)
    }

    private func commit(
        _ samples: [Sample], _ dataset: ImageDataset
    ) -> [Result<Digest, LetheError>] {
        let key = key
        return parallelMap(samples) { sample in
            Result { () throws(LetheError) in
                _ = try dataset.image(of: sample)
                return key.commitment(toSample: try dataset.bytes(of: sample))
            }
        }
    }
}

extension DatasetLocation {
    /// Opens the dataset in the format that is named, or the one that is recognised.
    ///
    /// - Throws: `invalidArgument` for a format that does not exist, and what `open` throws.
    func open() throws(LetheError) -> ImageDataset {
        guard let format else { return try ImageDataset.open(url) }
        guard let known = DatasetFormat(rawValue: format) else {
            let names = DatasetFormat.allCases.map(\.rawValue)
            let nearest = Spelling.nearest(to: format, among: names)
            throw LetheError(
                code: .invalidArgument,
                message: "\"\(format)\" is no dataset format.",
                remedy: nearest.map { "Did you mean \"\($0)\"?" }
                    ?? "Known are: " + names.joined(separator: ", ") + ".")
        }
        return try ImageDataset.open(url, format: known)
    }
}
