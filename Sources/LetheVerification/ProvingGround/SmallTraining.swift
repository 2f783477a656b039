import LetheRecords
import LetheTensor
import LetheVision

/// Trains a small model on a made-up problem with AdamW, on the calling thread.
struct SmallTraining {
    var stepCount = 220
    var batchSize = 32
    var learningRate = 0.003
    var seed = 1

    /// What a step of training is about.
    struct Batch {
        let images: Tensor
        let labels: Tensor
    }

    /// Images that batches are drawn from.
    struct Pool {
        let images: Tensor
        let labels: [Int]
        var positions: [Int]

        init(_ split: MadeUpProblem.Split, _ classes: (Int) -> Bool) throws(LetheError) {
            images = try split.images()
            labels = split.labels
            positions = split.positions(classes)
        }

        func batch(_ count: Int, _ random: inout SplitMix64) throws(LetheError) -> Batch {
            let drawn = (0..<count).map { _ in
                positions[Int.random(in: positions.indices, using: &random)]
            }
            return Batch(
                images: try images.rows(at: Tensor(drawn.map { Int64($0) })),
                labels: try Tensor(drawn.map { Int64(labels[$0]) }))
        }
    }

    /// Ordinary training.
    func fit(_ model: any ImageClassifier, to pool: Pool) throws(LetheError) {
        try run(model, model.weights) { (random) throws(LetheError) in
            let batch = try pool.batch(batchSize, &random)
            return try model.logits(batch.images).crossEntropy(labels: batch.labels)
        }
    }

    /// Steps down a loss.
    ///
    /// - Parameters:
    ///   - weights: What moves.
    ///   - afterStep: May put weights back where they are allowed to be.
    ///   - loss: Of one step.
    func run(
        _ model: any ImageClassifier, _ weights: [NamedTensor],
        afterStep: () throws(LetheError) -> Void = { () throws(LetheError) in },
        loss: (inout SplitMix64) throws(LetheError) -> Tensor
    ) throws(LetheError) {
        var random = SplitMix64(seed: UInt64(bitPattern: Int64(seed)))
        let moving = try weights.mapped { (weight) throws(LetheError) in
            try weight.tensor.requiringGradient()
        }
        let optimizer = try AdamW(
            parameters: moving, learningRate: learningRate, weightDecay: 0.01)
        for _ in 0..<stepCount {
            try optimizer.zeroGradients()
            try loss(&random).backward()
            try optimizer.step()
            try afterStep()
        }
        for tensor in moving { try tensor.requiringGradient(false) }
    }
}
