public import LetheRecords
import LetheVision

extension ForgettingEngine {
    /// Finds the training samples that a person named, one name a line.
    ///
    /// - Throws: `notFound` for a line that names nothing, `invalidArgument` for one that names a
    ///   sample of another split or one that was named before.
    public func locate(
        _ names: [String], in dataset: DatasetLocation, key: CommitmentKey,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> LocatedSamples {
        try await perform { cancellation throws(LetheError) in
            let opened = try dataset.open()
            let samples = try SampleNames(opened).samples(names)
            let (split, digests) = try SampleCommitting(
                dataset: opened, key: key, progress: progress, cancellation: cancellation
            ).training()
            return LocatedSamples(
                named: samples.map {
                    SampleMatch(index: $0.index, label: $0.label, commitment: digests[$0.index])
                }, training: split)
        }
    }

    /// Finds the training samples whose features are nearest to those of some examples.
    ///
    /// - Throws: `malformed` naming the examples that do not decode, `notFound` for none,
    ///   `invalidArgument` for more than a thousand, `interrupted`.
    public func nearest(
        _ task: ExampleTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> [SimilarSample] {
        let logger = logger
        return try await perform { cancellation throws(LetheError) in
            try ExampleSearch(
                task: task, progress: progress, cancellation: cancellation, logger: logger
            ).run()
        }
    }
}
