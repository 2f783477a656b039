import LetheRecords
import LetheTensor
import LetheVision

/// A new linear head on frozen features: if it names the forgotten classes, their features are
/// still there and only the old head was silenced (methods sections 7 and 9, after FG-OrIU).
///
/// Multinomial logistic regression on standardised features, from zero, by a fixed number of
/// full-batch AdamW steps: deterministic, and every class is fitted, forgotten or not.
enum HeadRefit {
    private static let stepCount = 200
    private static let learningRate = 0.05
    private static let weightDecay = 0.01

    /// Whether the new head names each test image of the forgotten classes.
    ///
    /// - Parameter imagesPerClass: Training images of each class; 0 for all.
    static func hits(
        _ model: ProbedModel, samples: ProbeSamples, imagesPerClass: Int
    ) throws(LetheError) -> [String: [Bool]?] {
        let fitted = samples.training(limit: imagesPerClass)
        let head =
            try fitted.count < 2
            ? nil
            : Head(
                model.features(fitted), labels: fitted.map(\.label), classCount: samples.classCount)
        var hits: [String: [Bool]?] = [:]
        for request in samples.requests {
            let test = samples.test(of: request)
            guard let head, samples.hasTraining(request), !test.isEmpty else {
                hits.updateValue(nil, forKey: request.id)
                continue
            }
            let logits = try head.logits(model.features(test))
            hits.updateValue(try ProbedModel.hits(logits, test), forKey: request.id)
        }
        return hits
    }

    /// A fitted head.
    struct Head {
        private let mean: Tensor
        private let deviation: Tensor
        private let weight: Tensor
        private let bias: Tensor

        /// - Parameter features: [samples, width], two rows or more.
        init(_ features: Tensor, labels: [Int], classCount: Int) throws(LetheError) {
            mean = try features.mean(over: [0])
            // A feature that never changes says nothing and must not be divided by zero.
            deviation = try features.variance(over: [0]).squareRoot().clamped(minimum: 1e-6)
            let device = features.device
            let labels = try Tensor(labels.map { Int64($0) }).moved(to: device)
            weight = try Tensor(zeros: [classCount, features.shape[1]], device: device)
                .requiringGradient()
            bias = try Tensor(zeros: [classCount], device: device).requiringGradient()
            let standardized = try (features - mean) / deviation
            let optimizer = try AdamW(
                parameters: [weight, bias], learningRate: learningRate, weightDecay: weightDecay)
            for _ in 0..<stepCount {
                try optimizer.zeroGradients()
                try standardized.linear(weight: weight, bias: bias).crossEntropy(labels: labels)
                    .backward()
                try optimizer.step()
            }
        }

        /// [samples, classes].
        func logits(_ features: Tensor) throws(LetheError) -> Tensor {
            try withoutGradient { () throws(LetheError) in
                try ((features - mean) / deviation).linear(weight: weight, bias: bias)
            }
        }
    }
}
