import LetheRecords
import LetheReports
import LetheVision

/// The training samples that requests name, found by the judge itself from the requests' lists:
/// whoever is judged does not choose what is measured.
struct NamedSamples {
    /// The samples of each request that names some, in the order of the requests.
    let byRequest: [(request: String, samples: [Sample])]

    /// All of them, request by request.
    var all: [Sample] { byRequest.flatMap(\.samples) }

    /// Hashes the training split, if any request names samples.
    ///
    /// - Throws: `integrity` for a list that its request does not commit to, `invalidArgument`
    ///   without the key, `notFound` without a training split.
    init(
        _ task: JudgeTask, in dataset: ImageDataset,
        check: () throws(LetheError) -> Void
    ) throws(LetheError) {
        let requests = task.requests.filter { $0.samples != nil }
        guard !requests.isEmpty else {
            byRequest = []
            return
        }
        guard let training = dataset.splits["train"] else {
            throw LetheError(
                code: .notFound,
                message: "The dataset has no split \"train\", of which requests name samples.",
                remedy: "Judge with the dataset that the requests were made for.")
        }
        var wanted: [String: Set<Digest>] = [:]
        for request in requests {
            wanted[request.id] = try Self.list(of: request, task)
        }
        guard let key = task.commitmentKey else { throw Self.keyless }
        var found: [String: [Sample]] = [:]
        for sample in training {
            try check()
            let commitment = key.commitment(toSample: try dataset.bytes(of: sample))
            for (request, list) in wanted where list.contains(commitment) {
                found[request, default: []].append(sample)
            }
        }
        byRequest = requests.map { ($0.id, found[$0.id] ?? []) }
    }

    /// What two models answered for these samples, by request and class.
    ///
    /// - Parameter start: Where the answers for them begin.
    func counts(
        judged: [Int], original: [Int], after start: Int
    ) -> [String: [SampleClassCount]] {
        var position = start
        var counts: [String: [SampleClassCount]] = [:]
        for (request, samples) in byRequest {
            let range = position..<position + samples.count
            counts[request] = SampleExcess.count(
                labels: samples.map(\.label), predictions: Array(judged[range]),
                originalPredictions: Array(original[range]))
            position = range.upperBound
        }
        return counts
    }

    private static func list(
        of request: ForgetRequest, _ task: JudgeTask
    ) throws(LetheError) -> Set<Digest> {
        guard let list = task.sampleLists[request.id], let selection = request.samples,
            try list.selection() == selection, list.root == request.commitment
        else {
            throw LetheError(
                code: .integrity,
                message: "The list of samples of the request \(request.id) is not the one that it "
                    + "commits to.",
                remedy: "Run lethe fsck.")
        }
        guard list.commitmentKey == task.commitmentKey?.identifier else { throw keyless }
        return Set(list.commitments)
    }

    private static var keyless: LetheError {
        LetheError(
            code: .invalidArgument,
            message: "Requests name samples, which only their commitment key tells from others.",
            remedy: "Name the folder of that key with --keys.")
    }
}
