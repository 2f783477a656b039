import LetheRecords
import LetheVision

/// Which samples of the training split requests name one by one, by their index.
struct ForgottenSamples: Sendable {
    /// Those that this run forgets.
    private(set) var requested: Set<Int> = []
    /// Those of earlier requests.
    private(set) var earlier: Set<Int> = []

    /// Samples that are in no pool of what is retained.
    var all: Set<Int> { requested.union(earlier) }

    /// No request names samples.
    init() {}

    /// Recognises samples by their commitments; an exact copy of a forgotten sample is one, too.
    ///
    /// - Throws: `integrity` if a sample that is to be forgotten is not there.
    init(
        _ commitments: SampleCommitments?, in dataset: ImageDataset, setting: RunSetting
    ) throws(LetheError) {
        guard let commitments,
            !commitments.requested.isEmpty || !commitments.forgotten.isEmpty
        else { return }
        let committing = SampleCommitting(
            dataset: dataset, key: commitments.key, progress: setting.progress,
            cancellation: setting.cancellation)
        let digests = try committing.commitments(of: dataset.trainingSamples())
        let wanted = Set(commitments.requested)
        let gone = Set(commitments.forgotten)
        for (index, digest) in digests.enumerated() {
            if wanted.contains(digest) { requested.insert(index) }
            if gone.contains(digest) { earlier.insert(index) }
        }
        let missing = wanted.subtracting(digests).count
        guard missing == 0 else {
            throw LetheError(
                code: .integrity,
                message: "\(missing) of the \(wanted.count) samples to forget are not in the "
                    + "training split any more, or their bytes changed.",
                remedy: "Restore the dataset as it was when the request was made.")
        }
    }
}

extension ForgetTask {
    /// Compares the samples of the classes to forget with what the requests commit to.
    ///
    /// - Throws: `integrity` naming the request whose samples are others.
    func requireCommitments(
        in dataset: ImageDataset, setting: RunSetting
    ) throws(LetheError) {
        guard let commitments else { return }
        let committing = SampleCommitting(
            dataset: dataset, key: commitments.key, progress: setting.progress,
            cancellation: setting.cancellation)
        let byClass = Dictionary(grouping: try dataset.trainingSamples()) { $0.label }
        for request in requests where request.samples == nil {
            var roots: [Digest] = []
            for label in request.classes {
                let samples = byClass[label] ?? []
                roots.append(MerkleTree.root(of: try committing.commitments(of: samples)))
            }
            guard MerkleTree.root(of: roots) == request.commitment else {
                throw LetheError(
                    code: .integrity,
                    message: "The training samples of \(request.coverage) are not the ones that "
                        + "the request \(request.id) commits to.",
                    remedy: "Restore the dataset, or register it again with lethe dataset add and "
                        + "make the request anew.")
            }
        }
    }
}
