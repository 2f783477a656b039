import CTorchShim
public import LetheRecords

/// What becomes of the losses of a batch.
public enum LossReduction: Sendable {
    /// One loss per sample.
    case none
    /// Their mean.
    case mean
    /// Their sum.
    case sum
}

extension Tensor {
    /// Cross entropy of logits [N, classes] and labels [N] (int64).
    ///
    /// Labels of another shape or type are refused: torch would read floating point labels as
    /// probabilities and answer with another loss.
    ///
    /// - Parameter labelSmoothing: The share of each label that is spread over all classes.
    public func crossEntropy(
        labels: Tensor, labelSmoothing: Double = 0, reduction: LossReduction = .mean
    ) throws(LetheError) -> Tensor {
        guard rank == 2, labels.type == .int64, labels.shape == [shape[0]] else {
            throw LetheError(
                code: .tensor,
                message: "Cross entropy takes logits [N, classes] and int64 labels [N], "
                    + "but got \(self) and \(labels).",
                remedy: "Pass one class index per row of logits.")
        }
        return try applyCrossEntropy(labels, labelSmoothing, reduction.shimValue)
    }
}

extension LossReduction {
    fileprivate var shimValue: LetheLossReduction {
        switch self {
        case .none: .none
        case .mean: .mean
        case .sum: .sum
        }
    }
}
