import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// A model whose body is frozen, as a probe sees it: the features of each image, computed once.
final class ProbedModel {
    let folder: URL
    let model: any ImageClassifier
    private let dataset: ImageDataset
    private let preprocessor: ImagePreprocessor
    private let batchSize: Int
    private let check: () throws(LetheError) -> Void
    private var rows: [Sample: Int] = [:]
    private var matrix: Tensor?

    /// Loads a model.
    ///
    /// - Parameter check: Called between batches; may throw to stop.
    init(
        _ folder: URL, dataset: ImageDataset, device: Device, batchSize: Int,
        check: @escaping () throws(LetheError) -> Void
    ) throws(LetheError) {
        self.folder = folder
        self.dataset = dataset
        self.batchSize = batchSize
        self.check = check
        model = try ClassifierLoading.load(folder: folder, device: device)
        preprocessor = try ImagePreprocessor(folder: folder)
    }

    /// The same files, loaded once more, for a probe that changes weights.
    func fresh() throws(LetheError) -> ProbedModel {
        try ProbedModel(
            folder, dataset: dataset, device: model.device, batchSize: batchSize, check: check)
    }

    /// What the head sees of each image, [samples, width].
    func features(_ samples: [Sample]) throws(LetheError) -> Tensor {
        var seen = Set(rows.keys)
        let missing = samples.filter { seen.insert($0).inserted }
        if !missing.isEmpty {
            let found = try map(missing, model.features)
            matrix = try matrix.map { [$0, found] }.map(Self.joined) ?? found
            for sample in missing { rows[sample] = rows.count }
        }
        guard let matrix else { return try Tensor(zeros: [0, model.featureWidth]) }
        let places = samples.compactMap { rows[$0] }.map { Int64($0) }
        return try matrix.rows(at: Tensor(places).moved(to: model.device))
    }

    /// Drops the features that were kept, for a model whose weights have changed.
    func forgetFeatures() {
        rows = [:]
        matrix = nil
    }

    /// The scores of every class, [samples, classes].
    func logits(_ samples: [Sample]) throws(LetheError) -> Tensor {
        let features = try features(samples)
        return try withoutGradient { () throws(LetheError) in
            try model.classify(features: features)
        }
    }

    /// Whether each sample gets its own label.
    func hits(_ samples: [Sample]) throws(LetheError) -> [Bool] {
        samples.isEmpty ? [] : try Self.hits(logits(samples), samples)
    }

    /// Preprocessed images, [samples, channels, height, width].
    func images(_ samples: [Sample]) throws(LetheError) -> Tensor {
        try map(samples) { (images) throws(LetheError) in images }
    }

    /// Whether the highest score of each row is that of the sample's label.
    static func hits(_ logits: Tensor, _ samples: [Sample]) throws(LetheError) -> [Bool] {
        guard try logits.isFinite() else {
            throw LetheError(
                code: .numerical, message: "A probe gives scores that are not numbers.",
                remedy: "Check the weights of the models and the settings of the probe.")
        }
        let answers = try logits.argumentMaximum(dimension: 1).integers()
        return zip(answers, samples).map { Int($0) == $1.label }
    }

    private static func joined(_ tensors: [Tensor]) throws(LetheError) -> Tensor {
        try Tensor.concatenated(tensors, dimension: 0)
    }

    private func map(
        _ samples: [Sample], _ body: (Tensor) throws(LetheError) -> Tensor
    ) throws(LetheError) -> Tensor {
        let loader = BatchLoader(
            dataset: dataset, samples: samples, preprocessor: preprocessor, batchSize: batchSize,
            device: model.device)
        var parts: [Tensor] = []
        while let batch = try loader.next() {
            try check()
            parts.append(
                try withoutGradient { () throws(LetheError) in try body(batch.images) })
        }
        return try Tensor.concatenated(parts, dimension: 0)
    }
}
