import LetheRecords
import LetheVision

/// The one division of the training samples into those that move weights and those that select
/// them; the test split and the data of earlier requests are never part of either.
struct SelectionSplit: Sendable {
    /// The only split that is read.
    static let splitName = "train"

    /// The training samples of each class, in stored order.
    let training: [Int: [Sample]]
    /// The validation samples of each class, in stored order.
    let validation: [Int: [Sample]]
    /// Every how-many-th sample of a class went to validation.
    let interval: Int

    /// Divides the training split.
    ///
    /// - Parameters:
    ///   - excluded: Classes of which nothing is taken.
    ///   - without: Samples, by their index in the split, that are not taken either.
    /// - Throws: `notFound` if the dataset has no training split.
    init(
        _ dataset: ImageDataset, excluding excluded: Set<Int>, without: Set<Int> = [],
        interval: Int
    ) throws(LetheError) {
        let samples = try dataset.trainingSamples()
        self.init(
            without.isEmpty ? samples : samples.filter { !without.contains($0.index) },
            excluding: excluded, interval: interval)
    }

    /// Divides samples that come in stored order.
    init(_ samples: [Sample], excluding excluded: Set<Int>, interval: Int) {
        var training: [Int: [Sample]] = [:]
        var validation: [Int: [Sample]] = [:]
        let classes = Dictionary(grouping: samples.lazy.filter { !excluded.contains($0.label) }) {
            $0.label
        }
        for (label, members) in classes {
            let chosen = Self.validationPositions(count: members.count, interval: interval)
            training[label] = members.indices.filter { !chosen.contains($0) }.map { members[$0] }
            validation[label] = chosen.sorted().map { members[$0] }
        }
        self.training = training
        self.validation = validation
        self.interval = interval
    }

    /// Every `interval`-th position; for small classes the last two, but never more than half.
    static func validationPositions(count: Int, interval: Int) -> Set<Int> {
        let regular = Set(stride(from: interval - 1, to: count, by: interval))
        guard regular.count < 2 else { return regular }
        return Set((count - min(2, count / 2))..<count)
    }

    /// What the manifest says about which samples selected the weights.
    var sentence: String {
        "every \(Self.ordinal(interval)) training sample of each class (at least two), "
            + "in stored order; never the test split, never a sample of an earlier request"
    }

    private static func ordinal(_ number: Int) -> String {
        switch (number % 10, number % 100) {
        case (_, 11...13): "\(number)th"
        case (1, _): "\(number)st"
        case (2, _): "\(number)nd"
        case (3, _): "\(number)rd"
        default: "\(number)th"
        }
    }
}

extension [Int: [Sample]] {
    /// The samples of some classes by ascending label, at most so many of each; 0 for all.
    func samples(of classes: [Int], perClass limit: Int = 0) -> [Sample] {
        classes.sorted().flatMap { label in
            let all = self[label] ?? []
            return limit > 0 ? Array(all.prefix(limit)) : all
        }
    }
}
