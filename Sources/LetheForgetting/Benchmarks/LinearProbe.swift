import LetheRecords
import LetheTensor

/// Multinomial logistic regression on standardised features, fitted with full-batch AdamW steps.
///
/// Nothing is random: the weights start at zero and every step sees all samples.
struct LinearProbe {
    /// How it is fitted; our choice.
    struct Plan {
        var stepCount = 200
        var learningRate = 0.05
        var weightDecay = 0.01
    }

    private let mean: Tensor
    private let deviation: Tensor
    private let weight: Tensor
    private let bias: Tensor

    /// Fits a head.
    ///
    /// - Parameters:
    ///   - features: [N, width], at least two rows.
    ///   - labels: [N], int64.
    /// - Throws: `tensor` if the sizes do not fit, `interrupted` when cancelled.
    init(
        features: Tensor, labels: Tensor, classCount: Int, plan: Plan = Plan(),
        cancellation: CancellationFlag = CancellationFlag()
    ) throws(LetheError) {
        mean = try features.mean(over: [0])
        // A feature that is always the same says nothing and must not be divided by zero.
        deviation = try features.variance(over: [0]).squareRoot().clamped(minimum: 1e-6)
        let device = features.device
        weight = try Tensor(zeros: [classCount, features.shape[1]], device: device)
            .requiringGradient()
        bias = try Tensor(zeros: [classCount], device: device).requiringGradient()
        let standardized = try (features - mean) / deviation
        let optimizer = try AdamW(
            parameters: [weight, bias], learningRate: plan.learningRate,
            weightDecay: plan.weightDecay)
        for _ in 0..<plan.stepCount {
            try cancellation.throwIfSet()
            try optimizer.zeroGradients()
            try standardized.linear(weight: weight, bias: bias).crossEntropy(labels: labels)
                .backward()
            try optimizer.step()
        }
    }

    /// The scores of every class, [N, classes].
    func logits(_ features: Tensor) throws(LetheError) -> Tensor {
        try withoutGradient { () throws(LetheError) in
            try ((features - mean) / deviation).linear(weight: weight, bias: bias)
        }
    }
}
