import LetheRecords
import LetheTensor
import LetheVision

/// The mean feature of every class over the samples of a task, from the model as it stands before
/// the task: earlier requests are already in its weights (methods.md 5.3).
struct ClassPrototypes {
    /// [classes, width]; a class without samples has a row of zeros.
    let means: Tensor
    /// The classes with samples, ascending.
    let classes: [Int]

    /// Averages features by label.
    ///
    /// - Parameters:
    ///   - features: [N, width].
    ///   - labels: One for each row.
    init(features: Tensor, labels: [Int], classCount: Int) throws(LetheError) {
        let targets = try Tensor(labels.map(Int64.init)).moved(to: features.device)
        let members = try targets.oneHot(classCount: classCount).converted(to: features.type)
        let counts = try members.sum(over: [0]).reshaped([classCount, 1]).clamped(minimum: 1)
        means = try members.transposed(0, 1).matmul(features) / counts
        classes = Set(labels).sorted()
    }

    /// The prototypes of some labels, [labels, width].
    func rows(_ labels: Tensor) throws(LetheError) -> Tensor { try means.rows(at: labels) }

    /// The same for classes by number.
    func rows(_ classes: [Int]) throws(LetheError) -> Tensor {
        try rows(Tensor(classes.map(Int64.init)).moved(to: means.device))
    }

    /// The mean divergence of the prototypes of one set of classes from those of another, in nats:
    /// how far apart different classes lie.
    func divergence(of some: [Int], from others: [Int]) throws(LetheError) -> Double {
        let some = some.filter(classes.contains)
        let others = others.filter(classes.contains)
        let references = some.flatMap { label in others.map { _ in label } }
        let partners = some.flatMap { _ in others }
        guard !partners.isEmpty else { return 0 }
        return Double(
            try GSLoRALosses.prototypeDivergence(
                features: rows(partners), prototypes: rows(references)
            ).scalar())
    }
}
