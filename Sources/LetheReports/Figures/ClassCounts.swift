public import LetheRecords

/// What was counted on the test split: everything else in a report follows from these numbers,
/// the requests and the policy.
public struct ClassCounts: Sendable, Equatable {
    /// Each class of the head, by label, also where it has no sample.
    public let classes: [ClassFigure]
    /// Samples of retained classes: right on the first version, wrong now.
    public let lostCount: Int
    /// Samples of retained classes: wrong on the first version, right now.
    public let gainedCount: Int

    /// Takes counts, for example those of a report that is checked.
    public init(classes: [ClassFigure], lostCount: Int, gainedCount: Int) {
        self.classes = classes
        self.lostCount = lostCount
        self.gainedCount = gainedCount
    }

    /// Counts answers.
    ///
    /// A class that several requests name is marked with the oldest of them.
    ///
    /// - Throws: `labelMismatch` for a request of a class that the head does not have.
    public init(
        _ paired: PairedPredictions, requests: [ForgetRequest]
    ) throws(LetheError) {
        let owners = try Self.owners(of: requests, classCount: paired.classCount)
        var classes = (0..<paired.classCount).map { label in
            ClassFigure(
                label: label, sampleCount: 0, correctCount: 0, originalCorrectCount: 0,
                request: owners[label])
        }
        var (lost, gained) = (0, 0)
        for (index, label) in paired.labels.enumerated() {
            let isRight = paired.predictions[index] == label
            let wasRight = paired.originalPredictions[index] == label
            classes[label].sampleCount += 1
            classes[label].correctCount += isRight ? 1 : 0
            classes[label].originalCorrectCount += wasRight ? 1 : 0
            guard owners[label] == nil else { continue }
            lost += wasRight && !isRight ? 1 : 0
            gained += isRight && !wasRight ? 1 : 0
        }
        self.init(classes: classes, lostCount: lost, gainedCount: gained)
    }

    /// The classes that no request names.
    var retained: [ClassFigure] { classes.filter { $0.request == nil } }

    /// The id of the oldest request that names each class.
    static func owners(
        of requests: [ForgetRequest], classCount: Int
    ) throws(LetheError) -> [Int: String] {
        var owners: [Int: String] = [:]
        for request in requests {
            for label in request.classes where !(0..<classCount).contains(label) {
                throw LetheError(
                    code: .labelMismatch,
                    message: "The request \(request.id) names class \(label); the head has the "
                        + "classes 0 to \(classCount - 1).",
                    remedy: "Judge the model that the request was made for.")
            }
            for label in request.classes where owners[label] == nil {
                owners[label] = request.id
            }
        }
        return owners
    }
}
