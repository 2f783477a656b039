import LetheRecords
import LetheTensor

/// Labels that are wrong on purpose.
enum WrongLabels {
    /// For each label another class, all others alike.
    ///
    /// - Parameter classCount: Classes of the head, at least two.
    static func draw(
        for labels: Tensor, classCount: Int, _ source: inout SplitMix64
    ) throws(LetheError) -> Tensor {
        let wrong = try labels.integers().map { label in
            let other = Int64(source.below(classCount - 1))
            return other < label ? other : other + 1
        }
        return try Tensor(wrong).moved(to: labels.device)
    }
}
