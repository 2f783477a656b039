import LetheRecords
import LetheTensor
import LetheVision

/// Gives the last low-rank update a start that forgets before anything is trained: a closed-form
/// edit for each forgotten class, from derivatives on its samples and the inputs of retained ones.
///
/// The function that falls is the mean over the class's samples of its own logit less the logsumexp
/// of the retained ones. Training then goes on from there as from any other start.
struct ClosedFormStart {
    let model: any ImageClassifier
    let adapters: LowRankAdapters
    let roles: ClassRoles
    let batchSize: Int
    /// How far below the retained classes, in nats, a forgotten one shall lie.
    let margin: Double
    /// What is added to the diagonal of the second moments, as a share of its mean.
    let ridge: Double

    /// Edits the update of the last layer; classes beyond the rank are left to training.
    ///
    /// - Returns: How many classes were edited.
    /// - Throws: `unsupported` if that layer is no linear one.
    func apply(forget: PreparedImages, retain: PreparedImages) throws(LetheError) -> Int {
        guard let adapter = adapters.blocks.last?.last else { return 0 }
        guard let layer = adapter.layer as? LinearLayer else { throw unsupported }
        let moments = try moments(of: layer, over: retain)
        let length = (1.0 / 3).squareRoot()
        var count = 0
        for label in roles.forgotten.prefix(adapters.rank) {
            let positions = forget.labels.indices.filter { forget.labels[$0] == label }
            guard !positions.isEmpty else { continue }
            let (gap, gradient) = try derivative(
                of: label, by: layer, over: forget, at: positions)
            let edit = try ClosedFormEdit(
                gradient: gradient, moments: moments, ridge: ridge, drop: max(0, gap + margin))
            // The row of A as long as a random one is on average; B has the rest.
            let up = try edit.output * (-edit.step / (length * adapters.scale))
            try adapter.down.detached().narrowed(dimension: 0, start: count, length: 1)
                .copy(from: (edit.input * length).reshaped([1, edit.input.count]))
            try adapter.up.detached().narrowed(dimension: 1, start: count, length: 1)
                .copy(from: up.reshaped([up.count, 1]))
            count += 1
        }
        try adapters.attach()
        return count
    }

    private var unsupported: LetheError {
        LetheError(
            code: .unsupported,
            message: "The start in closed form edits a linear layer, and the last one of a "
                + "\(model.architectureName) is none.",
            remedy: "Leave \"start\" out of the recipe.")
    }

    /// The second moments of what a layer sees of retained samples, over all tokens.
    private func moments(
        of layer: LinearLayer, over pool: PreparedImages
    ) throws(LetheError) -> Tensor {
        let width = layer.weight.shape[1]
        let sum = try Tensor(zeros: [width, width], device: model.device)
        var count = 0
        layer.observer = { (input) throws(LetheError) in
            let rows = try input.detached().reshaped([input.count / width, width])
            try sum.addInPlace(rows.transposed(0, 1).matmul(rows))
            count += rows.shape[0]
        }
        defer { layer.observer = nil }
        for start in stride(from: 0, to: pool.count, by: batchSize) {
            let positions = Array(start..<min(start + batchSize, pool.count))
            _ = try withoutGradient { () throws(LetheError) in
                try model.features(pool.images(at: positions))
            }
        }
        try sum.multiplyInPlace(1 / Double(max(1, count)))
        return sum
    }

    /// The mean gap of a class's samples, and its derivative by the layer's weight.
    private func derivative(
        of label: Int, by layer: LinearLayer, over pool: PreparedImages, at positions: [Int]
    ) throws(LetheError) -> (gap: Double, gradient: Tensor) {
        let weight = try layer.weight.requiringGradient()
        defer { _ = try? weight.requiringGradient(false) }
        let retained = try Tensor(roles.retained.map(Int64.init)).moved(to: model.device)
        var gap = 0.0
        let sum = try Tensor(zeros: weight.shape, device: model.device)
        for start in stride(from: 0, to: positions.count, by: batchSize) {
            let part = Array(positions[start..<min(start + batchSize, positions.count)])
            let logits = try model.logits(pool.images(at: part))
            let own = try logits.narrowed(dimension: 1, start: label, length: 1).flattened()
            let others = try logits.slices(dimension: 1, at: retained).logSumExp(over: [1])
            let total = try (own - others).sum()
            gap += Double(try total.scalar())
            try sum.addInPlace(GradientVector(of: total, withRespectTo: [weight]).parts[0])
        }
        try sum.multiplyInPlace(1 / Double(positions.count))
        return (gap / Double(positions.count), sum)
    }
}
