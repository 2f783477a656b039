import LetheRecords
import LetheVision

/// The samples that probes take: training images in an order that only the policy's seed decides,
/// and the test images of what was forgotten.
struct ProbeSamples {
    /// The split that erased images were trained from.
    static let trainingSplit = "train"

    let dataset: ImageDataset
    let requests: [ForgetRequest]
    private let training: [Int: [Sample]]
    private let test: [Int: [Sample]]

    /// Draws the order.
    init(_ split: TestSplit, requests: [ForgetRequest], seed: Int) {
        dataset = split.dataset
        self.requests = requests
        test = Dictionary(grouping: split.samples, by: \.label)
        var random = SplitMix64(seed: UInt64(bitPattern: Int64(seed)))
        let all = split.dataset.splits[Self.trainingSplit] ?? []
        var training: [Int: [Sample]] = [:]
        for (label, samples) in Dictionary(grouping: all, by: \.label).sorted(by: { $0.0 < $1.0 }) {
            training[label] = samples.shuffled(using: &random)
        }
        self.training = training
    }

    var classCount: Int { dataset.classCount }

    /// The labels that some request names.
    var forgotten: Set<Int> { Set(requests.flatMap(\.classes)) }

    /// Training images of a class, at most `limit`; 0 for all.
    func training(of label: Int, limit: Int) -> [Sample] {
        let all = training[label] ?? []
        return limit == 0 ? all : Array(all.prefix(limit))
    }

    /// Training images of all classes, by label.
    func training(limit: Int) -> [Sample] {
        (0..<classCount).flatMap { training(of: $0, limit: limit) }
    }

    /// The test images of a request's classes.
    func test(of request: ForgetRequest) -> [Sample] {
        request.classes.flatMap { test[$0] ?? [] }
    }

    /// The test images of a class.
    func test(of label: Int) -> [Sample] { test[label] ?? [] }

    /// Whether each class of a request still has a training image.
    func hasTraining(_ request: ForgetRequest) -> Bool {
        request.classes.allSatisfy { training[$0]?.isEmpty == false }
    }
}
