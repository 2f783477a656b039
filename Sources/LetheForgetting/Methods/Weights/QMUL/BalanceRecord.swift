import LetheRecords
import LetheTensor

/// What a run remembers of the balance of its gradients, in a tensor, so that checkpoints keep it.
struct BalanceRecord {
    /// float64: the average of the forget weight (0 before the first), steps, the sum of cosines,
    /// steps with a negative cosine.
    let tensor: Tensor

    /// Nothing yet.
    init() throws(LetheError) {
        tensor = try Tensor(zeros: [4], type: .float64)
    }

    /// The running average of the forget weight; nil before the first step that has one.
    func average() throws(LetheError) -> Double? {
        let average = try tensor.doubles()[0]
        return average > 0 ? average : nil
    }

    /// Counts a step.
    func add(cosine: Double, average: Double?) throws(LetheError) {
        let old = try tensor.doubles()
        var values: [Tensor] = []
        for value in [
            average ?? 0, old[1] + 1, old[2] + cosine, old[3] + (cosine < 0 ? 1 : 0),
        ] {
            values.append(try Tensor(filling: value, shape: [], type: .float64))
        }
        try tensor.copy(from: Tensor.stacked(values))
    }

    /// The mean cosine, and the share of steps in which the two gradients pulled against each other.
    func figures() throws(LetheError) -> [String: Double] {
        let values = try tensor.doubles()
        guard values[1] > 0 else { return [:] }
        return [
            "meanGradientCosine": values[2] / values[1], "conflictingSteps": values[3] / values[1],
        ]
    }
}
