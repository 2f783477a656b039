import LetheRecords
import LetheTensor
import LetheVision

/// The samples of one comparison of methods, decoded.
struct MethodPools {
    let forgottenClasses: [Int]
    let all: PreparedImages
    let forget: PreparedImages
    let retain: PreparedImages
    let validation: PreparedImages
    let test: PreparedImages
    /// The samples in question: those to forget, and for twins their other half.
    let candidates: [Sample]
    /// Which of them are learnt and forgotten.
    let isMember: [Bool]

    private static let validationInterval = 10
    private static let batchSize = 256

    /// - Parameter half: For twins: of the samples in question only this half is there to learn; what
    ///   is in question follows from `seed` alone.
    init(
        _ setting: MethodTrial.Setting, seed: RunSeed, run: RunSetting, half: TwinHalf? = nil
    ) throws(LetheError) {
        let dataset = try setting.dataset.open()
        let split = try SelectionSplit(
            dataset, excluding: [], interval: Self.validationInterval)
        let classes = split.training.keys.sorted()
        let training = split.training.samples(of: classes, perClass: setting.trainPerClass)
        let forgotten: Set<Int>
        switch setting.target {
        case .classes(let labels):
            forgottenClasses = labels
            forgotten = Set(training.indices.filter { labels.contains(training[$0].label) })
        case .share(let share):
            forgottenClasses = []
            var source = seed.source("samples to forget", 0)
            let count = Int((share * Double(training.count)).rounded())
            forgotten = Set(source.permutation(training.count).prefix(count))
        }
        let places = forgotten.sorted()
        let members = half?.members(of: places.count, seed: seed) ?? places.map { _ in true }
        let learnt = Set(zip(places, members).filter { $0.1 }.map { $0.0 })
        candidates = places.map { training[$0] }
        isMember = members
        let gone = Set(forgottenClasses)
        let held = classes.filter { !gone.contains($0) }
        let tested = Dictionary(grouping: dataset.splits["test"] ?? []) { $0.label }
        let reader = SampleReader(
            dataset: dataset, preprocessor: try ImagePreprocessor(folder: setting.modelFolder))
        func prepare(_ samples: [Sample]) throws(LetheError) -> PreparedImages {
            try run.prepare(samples, reader, phase: "reading images")
        }
        func chosen(_ isChosen: (Int) -> Bool) -> [Sample] {
            training.indices.filter(isChosen).map { training[$0] }
        }
        all = try prepare(chosen { learnt.contains($0) || !forgotten.contains($0) })
        forget = try prepare(chosen(learnt.contains))
        retain = try prepare(chosen { !forgotten.contains($0) })
        validation = try prepare(
            split.validation.samples(of: held, perClass: setting.testPerClass))
        test = try prepare(tested.samples(of: held, perClass: setting.testPerClass))
        guard forget.count > 0, retain.count > 0, validation.count > 0, test.count > 0 else {
            throw LetheError(
                code: .notFound,
                message: "The comparison lacks samples to forget, to retain or to "
                    + "measure.", remedy: "Take more samples of each class, or another dataset.")
        }
    }

    /// Measures a model.
    func figures(
        _ model: any ImageClassifier, seconds: Double, on heldOut: MethodTrial.HeldOut
    ) throws(LetheError) -> UnlearningFigures {
        let forgotten = try outputs(model, forget)
        let retained = try outputs(model, retain)
        let unseen = try outputs(model, heldOut == .test ? test : validation)
        let members = Array(retained.confidences.prefix(unseen.confidences.count))
        let threshold = ConfidenceAttack.threshold(
            members: members, nonMembers: unseen.confidences)
        return UnlearningFigures(
            unlearningAccuracy: 100 * (1 - forgotten.accuracy),
            retainedAccuracy: 100 * retained.accuracy, testAccuracy: 100 * unseen.accuracy,
            attackEfficacy: 100
                * ConfidenceAttack.unseenShare(of: forgotten.confidences, threshold: threshold),
            seconds: seconds)
    }

    /// The accuracy over a pool, and the probability of each sample's true class.
    private func outputs(
        _ model: any ImageClassifier, _ pool: PreparedImages
    ) throws(LetheError) -> (accuracy: Double, confidences: [Double]) {
        let logits = try pool.map(batchSize: Self.batchSize, cancellation: CancellationFlag()) {
            images throws(LetheError) in try model.logits(images).moved(to: .cpu)
        }
        let labels = try Tensor(pool.labels.map(Int64.init), shape: [pool.count, 1])
        return (
            try ForgetMeter.accuracy(logits, pool.labels),
            try logits.softmax(dimension: 1).gathered(dimension: 1, indices: labels).doubles()
        )
    }
}
