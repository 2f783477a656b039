public import Foundation
public import LetheRecords
import LetheTensor
import LetheVision
import Logging

/// Asks whether a model's features still tell forgotten classes: a new head is fitted to them.
///
/// Low logits can hide a class that the features still show; whoever has a few of its images and
/// the weights gets it back in seconds. The figure to compare with is the one of the same model
/// before it forgot, and that of a model that never saw the classes.
public enum HeadRefit {
    /// What the new head reaches.
    public struct Result: Sendable, Codable, Equatable {
        /// The share of held-out samples of the forgotten classes that it names rightly, in 0...1.
        public var forgottenAccuracy: Double
        /// The same for all other classes that it was fitted to; 0 if there are no such samples.
        public var retainedAccuracy: Double
        /// Held-out samples of the forgotten classes.
        public var forgottenSampleCount: Int
        /// Held-out samples of the other classes.
        public var retainedSampleCount: Int
        /// The most samples of a class that the head was fitted to.
        public var samplesPerClass: Int
    }

    /// Fits a new head and measures it.
    ///
    /// Runs on the calling thread, which it blocks.
    /// The head is fitted to training samples that move weights in a forget run. By default it is
    /// measured on those that select weights, so the figure may be used to choose a recipe; the
    /// test split is looked at only where `split` names it.
    ///
    /// - Parameters:
    ///   - modelFolder: The model, merged.
    ///   - forgotten: The classes in question; their training samples are needed.
    ///   - excluded: Classes that are left out altogether, such as those of earlier requests.
    ///   - samplesPerClass: Samples of each class that the head is fitted to; 0 for all.
    ///   - split: The split that is measured; nil for the validation part of the training split.
    /// - Throws: `notFound` if a forgotten class has no samples, `labelMismatch`, `device`,
    ///   `malformed`, `tensor`.
    public static func measure(
        modelFolder: URL, dataset location: DatasetLocation, forgotten: [Int],
        excluded: [Int] = [], samplesPerClass: Int, split: String? = nil, place: RunPlace,
        progress: @escaping ProgressHandler = { _ in }
    ) throws(LetheError) -> Result {
        let setting = try RunSetting(
            place, progress: progress, cancellation: CancellationFlag(),
            logger: .init(label: "lethe.head-refit"))
        let model = try ClassifierLoading.load(folder: modelFolder, device: setting.device)
        let dataset = try location.open()
        try dataset.requireClassCount(model.classCount, absent: Set(excluded))
        let samples = try samples(dataset, forgotten, excluded, samplesPerClass, split)
        let reader = SampleReader(
            dataset: dataset, preprocessor: try ImagePreprocessor(folder: modelFolder))
        func features(_ samples: [Sample]) throws(LetheError) -> Tensor {
            try setting.prepare(samples, reader, phase: "reading images for a new head")
                .map(batchSize: 64, cancellation: setting.cancellation, model.features)
        }
        let probe = try LinearProbe(
            features: features(samples.fitted),
            labels: Tensor(samples.fitted.map { Int64($0.label) }).moved(to: setting.device),
            classCount: model.classCount)
        func accuracy(_ samples: [Sample]) throws(LetheError) -> Double {
            guard !samples.isEmpty else { return 0 }
            let logits = try probe.logits(features(samples)).moved(to: .cpu)
            return try ForgetMeter.accuracy(logits, samples.map(\.label))
        }
        return Result(
            forgottenAccuracy: try accuracy(samples.forgotten),
            retainedAccuracy: try accuracy(samples.retained),
            forgottenSampleCount: samples.forgotten.count,
            retainedSampleCount: samples.retained.count, samplesPerClass: samplesPerClass)
    }

    /// What the head is fitted to, and what is held out.
    private static func samples(
        _ dataset: ImageDataset, _ forgotten: [Int], _ excluded: [Int], _ perClass: Int,
        _ splitName: String?
    ) throws(LetheError) -> (fitted: [Sample], forgotten: [Sample], retained: [Sample]) {
        // As many samples are held out as the recipes hold out by default.
        let split = try SelectionSplit(dataset, excluding: Set(excluded), interval: 5)
        let classes = split.training.keys.sorted()
        var measured = classes.flatMap { split.validation[$0] ?? [] }
        if let splitName {
            measured = (dataset.splits[splitName] ?? []).filter { classes.contains($0.label) }
        }
        let isForgotten = Set(forgotten)
        let held = measured.filter { isForgotten.contains($0.label) }
        let missing = forgotten.first { label in
            split.training[label, default: []].isEmpty || !held.contains { $0.label == label }
        }
        if let missing {
            throw LetheError(
                code: .notFound,
                message: "The dataset has too few samples of class \(missing) to fit a new head "
                    + "and to measure it.",
                remedy: "Give the dataset that has the data of the request.")
        }
        return (
            split.training.samples(of: classes, perClass: perClass), held,
            measured.filter { !isForgotten.contains($0.label) }
        )
    }
}
