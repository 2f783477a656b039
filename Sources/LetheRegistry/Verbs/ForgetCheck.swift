internal import LetheRecords

/// Whether an order makes sense for a model and a dataset; asked before anything is done.
enum ForgetCheck {
    static func check(
        _ order: ForgetOrder, model: ModelDescription, dataset: DatasetRecord,
        earlier: [ForgetRequest]
    ) throws(LetheError) {
        let namesSamples = !order.samples.isEmpty || !order.commitments.isEmpty
        guard !namesSamples || order.classes.isEmpty else {
            throw LetheError(
                code: .invalidArgument,
                message: "A request names classes or samples, not both.",
                remedy: "Make two requests.")
        }
        let hasTarget = !order.classes.isEmpty || namesSamples
        guard hasTarget, Set(order.classes).count == order.classes.count else {
            throw LetheError(
                code: .invalidArgument, message: "A request names at least one class, each once.",
                remedy: "Write for example --class 7.")
        }
        guard dataset.classCount == model.classCount else {
            throw LetheError(
                code: .labelMismatch,
                message: "The dataset \"\(dataset.name)\" has \(dataset.classCount) classes, the "
                    + "head of \"\(order.model)\" has \(model.classCount).",
                remedy: "Name the dataset that the model was trained on.")
        }
        let split = try dataset.split(named: "train")
        for label in order.classes {
            guard 0..<model.classCount ~= label else {
                throw LetheError(
                    code: .invalidArgument,
                    message: "The model has no class \(label); its classes are 0 to "
                        + "\(model.classCount - 1).",
                    remedy: "Correct --class.")
            }
            guard split.classSampleCounts.indices.contains(label),
                split.classSampleCounts[label] > 0
            else {
                throw LetheError(
                    code: .invalidArgument,
                    message: "The dataset \"\(dataset.name)\" has no training sample of class "
                        + "\(label), so there is nothing to forget from.",
                    remedy: "Add samples of it to the dataset, or name another.")
            }
            if let done = earlier.first(where: { $0.classes.contains(label) }) {
                throw LetheError(
                    code: .invalidArgument,
                    message: "Class \(label) was forgotten already, by the request \(done.id).",
                    remedy: "See lethe log \(order.model).")
            }
        }
        let gone = Set(order.classes + earlier.flatMap(\.classes))
        guard gone.count < model.classCount else {
            throw LetheError(
                code: .invalidArgument, message: "That would forget every class of the model.",
                remedy: "Delete the model instead.")
        }
    }
}
