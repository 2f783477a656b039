import LetheRecords
import LetheVision

/// Commits to samples again, to tell those of a request from all others.
///
/// Bytes are hashed and nothing is decoded: a forgotten sample that still lies in the dataset is
/// recognised without being looked at, and enters no pool.
struct SampleCommitting {
    private static let chunkSize = 512

    let dataset: ImageDataset
    let key: CommitmentKey
    let progress: ProgressHandler
    let cancellation: CancellationFlag
    /// What progress calls it.
    var phase = "comparing samples with their commitments"

    /// The commitments to some samples, in their order.
    ///
    /// - Throws: what reading a sample throws, `interrupted`.
    func commitments(of samples: [Sample]) throws(LetheError) -> [Digest] {
        var digests: [Digest] = []
        digests.reserveCapacity(samples.count)
        let (dataset, key) = (dataset, key)
        for start in stride(from: 0, to: samples.count, by: Self.chunkSize) {
            try cancellation.throwIfSet()
            let chunk = Array(samples[start..<min(start + Self.chunkSize, samples.count)])
            let results = parallelMap(chunk) { sample in
                Result { () throws(LetheError) in
                    key.commitment(toSample: try dataset.bytes(of: sample))
                }
            }
            for result in results { digests.append(try result.get()) }
            progress(
                Progress(phase: phase, done: digests.count, total: samples.count))
        }
        return digests
    }

    /// The training split as a dataset's record describes it.
    func training() throws(LetheError) -> (split: SplitDescription, digests: [Digest]) {
        let samples = try dataset.trainingSamples()
        let digests = try commitments(of: samples)
        var classes = [[Digest]](repeating: [], count: dataset.classCount)
        for (sample, digest) in zip(samples, digests) { classes[sample.label].append(digest) }
        return (SplitDescription(name: SelectionSplit.splitName, commitments: classes), digests)
    }
}

extension ImageDataset {
    /// The only samples that move weights.
    ///
    /// - Throws: `notFound` naming the splits that there are.
    func trainingSamples() throws(LetheError) -> [Sample] {
        guard let samples = splits[SelectionSplit.splitName] else {
            let names = splits.keys.sorted().joined(separator: ", ")
            throw LetheError(
                code: .notFound,
                message: "The dataset has no split named \"\(SelectionSplit.splitName)\", only: "
                    + "\(names).",
                remedy: "Arrange the images so that the training samples form that split.")
        }
        return samples
    }
}
