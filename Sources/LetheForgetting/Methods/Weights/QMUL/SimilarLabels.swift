import LetheRecords
import LetheTensor

/// Similar labels (Q-MUL, methods.md 4.2): for each sample the wrong class whose probability under
/// the parent is nearest to that of its own label, so that learning it moves the weights little.
///
/// For a sample that the parent names rightly this is the runner-up. Equal distances give the
/// lowest class: the paper is silent, and so it is about samples of several forgotten classes,
/// which here never get one of these classes as their label.
enum SimilarLabels {
    /// - Parameters:
    ///   - labels: The true classes, one for each row of `probabilities`.
    ///   - probabilities: What the parent gives every class, [samples, classes].
    ///   - excluded: Classes that are no one's label, besides the true one.
    /// - Returns: A label for each sample.
    /// - Throws: `invalidArgument` where no class is left.
    static func choose(
        for labels: [Int], probabilities: Tensor, excluding excluded: Set<Int> = []
    ) throws(LetheError) -> [Int64] {
        let classCount = probabilities.shape[1]
        let values = try probabilities.floats()
        var similar: [Int64] = []
        for (row, label) in labels.enumerated() {
            let start = row * classCount
            let candidates = (0..<classCount).filter { $0 != label && !excluded.contains($0) }
            // The first of equal ones is the minimum.
            let nearest = candidates.min { first, second in
                abs(values[start + first] - values[start + label])
                    < abs(values[start + second] - values[start + label])
            }
            guard let nearest else { throw nothingLeft }
            similar.append(Int64(nearest))
        }
        return similar
    }

    private static var nothingLeft: LetheError {
        LetheError(
            code: .invalidArgument,
            message: "No class is left that a forget sample could be taken for.",
            remedy: "Retain at least one class beside those to forget.")
    }
}
