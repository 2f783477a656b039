import Foundation
import LetheRecords
import LetheVision

/// The samples that decide, all of them.
struct TestSplit {
    let dataset: ImageDataset
    let samples: [Sample]

    /// Opens the data of a task.
    ///
    /// - Throws: `invalidArgument` for an unknown format, `notFound` naming the splits that there
    ///   are, and what opening a dataset throws.
    init(_ task: JudgeTask) throws(LetheError) {
        try self.init(
            location: task.dataset, named: task.datasetReference.name, split: task.split)
    }

    /// Opens a split of the data at a place.
    ///
    /// - Throws: as `init(_:)`.
    init(location: DatasetLocation, named name: String, split: String) throws(LetheError) {
        dataset = try ImageDataset.open(
            location.url, format: Self.format(named: location.format))
        guard let samples = dataset.splits[split], !samples.isEmpty else {
            let names = dataset.splits.keys.sorted().joined(separator: ", ")
            throw LetheError(
                code: .notFound,
                message: "The dataset \(name) has no split "
                    + "\"\(split)\"; it has \(names).",
                remedy: "Name a split that selected no weights.")
        }
        self.samples = samples
    }

    private static func format(named name: String?) throws(LetheError) -> DatasetFormat? {
        guard let name else { return nil }
        guard let format = DatasetFormat(rawValue: name) else {
            let known = DatasetFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw LetheError(
                code: .invalidArgument, message: "\"\(name)\" is no form of a dataset.",
                remedy: "Write one of \(known).")
        }
        return format
    }

    /// Makes sure that a label means the same to the data and to the head.
    ///
    /// - Throws: `labelMismatch` if their numbers of classes differ.
    func requireFit(_ model: any ImageClassifier, in folder: URL) throws(LetheError) {
        let outputs = model.classCount
        guard outputs == dataset.classCount else {
            throw LetheError(
                code: .labelMismatch,
                message: "The dataset has \(dataset.classCount) classes, the head of the model in "
                    + "\(folder.lastPathComponent) has \(outputs).",
                remedy: "Judge with the dataset that the model was trained for.")
        }
    }
}
