import LetheRecords
import LetheTensor
import LetheVision

/// Trains a copy of the model on for a few steps and looks whether the forgotten classes are back:
/// with some of their images, or with retained images alone (From Dormant to Deleted,
/// arXiv:2505.22310).
///
/// All weights move; batch normalisation keeps its statistics. With erased images, every second
/// image of a step is one of them.
struct Relearning {
    let plan: RelearningProbe

    /// Whether each test image of the forgotten classes is named, by request.
    typealias Hits = [String: [Bool]?]

    /// Whether the model names them after each measured step, and at the end (nil).
    ///
    /// - Parameter imagesPerClass: Erased images of each class; 0 for retained images alone.
    func curve(
        _ model: ProbedModel, samples: ProbeSamples, imagesPerClass: Int
    ) throws(LetheError) -> [(stepCount: Int?, hits: Hits)] {
        let present = samples.requests.filter {
            !samples.test(of: $0).isEmpty && (imagesPerClass == 0 || samples.hasTraining($0))
        }
        let erased =
            imagesPerClass == 0
            ? []
            : present.flatMap(\.classes).flatMap {
                samples.training(of: $0, limit: imagesPerClass)
            }
        let forgotten = samples.forgotten
        let retained = (0..<samples.classCount).filter { !forgotten.contains($0) }.flatMap {
            samples.training(of: $0, limit: plan.retainedImagesPerClass)
        }
        guard !present.isEmpty, !retained.isEmpty else {
            let none: Hits = Dictionary(
                uniqueKeysWithValues: samples.requests.map { ($0.id, nil) })
            return ((plan.measuredSteps ?? []) + [nil]).map { ($0, none) }
        }
        let copy = try model.fresh()
        var curve: [(stepCount: Int?, hits: Hits)] = []
        try train(copy, erased: erased, retained: spread(retained, samples.classCount)) {
            (step) throws(LetheError) in
            let isEnd = step == plan.stepCount
            guard isEnd || plan.measuredSteps?.contains(step) == true else { return }
            curve.append((isEnd ? nil : step, try hits(copy, samples, present)))
        }
        return curve
    }

    /// The features of the copy change with every step, so that they are computed anew.
    private func hits(
        _ copy: ProbedModel, _ samples: ProbeSamples, _ present: [ForgetRequest]
    ) throws(LetheError) -> Hits {
        copy.forgetFeatures()
        var hits: Hits = [:]
        for request in samples.requests {
            let isPresent = present.contains { $0.id == request.id }
            hits.updateValue(
                isPresent ? try copy.hits(samples.test(of: request)) : nil, forKey: request.id)
        }
        return hits
    }

    /// Classes in turn, so that a step sees many of them.
    private func spread(_ samples: [Sample], _ classCount: Int) -> [Sample] {
        var seen = [Int](repeating: 0, count: classCount)
        let ranked = samples.map { sample -> (Int, Sample) in
            seen[sample.label] += 1
            return (seen[sample.label], sample)
        }
        return ranked.sorted { ($0.0, $0.1.label) < ($1.0, $1.1.label) }.map(\.1)
    }

    private func train(
        _ copy: ProbedModel, erased: [Sample], retained: [Sample],
        afterStep: (Int) throws(LetheError) -> Void
    ) throws(LetheError) {
        let weights = try copy.model.weights.mapped { (weight) throws(LetheError) in
            try weight.tensor.requiringGradient()
        }
        let optimizer = try AdamW(
            parameters: weights, learningRate: plan.learningRate, weightDecay: 0)
        let erasedCount = erased.isEmpty ? 0 : plan.batchSize / 2
        for step in 0..<plan.stepCount {
            let batch =
                part(erased, step, erasedCount)
                + part(retained, step, plan.batchSize - erasedCount)
            let images = try copy.images(batch)
            let labels = try Tensor(batch.map { Int64($0.label) }).moved(to: images.device)
            try optimizer.zeroGradients()
            try copy.model.logits(images).crossEntropy(labels: labels).backward()
            try optimizer.step()
            try afterStep(step + 1)
        }
        for weight in weights { try weight.requiringGradient(false) }
    }

    /// The next images of a pool that begins again at its end.
    private func part(_ pool: [Sample], _ step: Int, _ count: Int) -> [Sample] {
        pool.isEmpty ? [] : (0..<count).map { pool[(step * count + $0) % pool.count] }
    }
}

extension Array {
    /// `map` whose body throws the errors of Lethe.
    func mapped<Result>(
        _ body: (Element) throws(LetheError) -> Result
    ) throws(LetheError) -> [Result] {
        var results: [Result] = []
        results.reserveCapacity(count)
        for element in self { results.append(try body(element)) }
        return results
    }
}
