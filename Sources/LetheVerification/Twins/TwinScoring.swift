public import Foundation
public import LetheRecords
import LetheTensor
import LetheVision

/// Measures how sure small models are of the samples in question (tier 3).
public enum TwinScoring {
    private static let batchSize = 64

    /// The logit of the probability of each sample's own label, from a model's file.
    ///
    /// Runs on the calling thread, which it blocks.
    ///
    /// - Parameters:
    ///   - folder: The model.
    ///   - indices: Positions in the training split.
    /// - Throws: `notFound` for a position that is not there, `malformed`, `device`.
    public static func scores(
        of folder: URL, dataset location: DatasetLocation, samples indices: [Int], place: RunPlace
    ) throws(LetheError) -> [Double] {
        try Threads.set(place.threads)
        let split = try TestSplit(
            location: location, named: "of the twins", split: ProbeSamples.trainingSplit)
        let known = Dictionary(split.samples.map { ($0.index, $0) }) { first, _ in first }
        let samples = indices.compactMap { known[$0] }
        guard samples.count == indices.count else {
            throw LetheError(
                code: .notFound,
                message: "The training split lacks samples that the twins are about.",
                remedy: "Give the dataset that the twins were trained on.")
        }
        let model = try ProbedModel(
            folder, dataset: split.dataset, device: Device(parsing: place.device),
            batchSize: batchSize
        ) { () throws(LetheError) in }
        try split.requireFit(model.model, in: folder)
        let logits = try model.logits(samples).moved(to: .cpu).doubles()
        return logitScaled(logits, labels: samples.map(\.label))
    }

    /// The logarithms of the odds, log p − log(1 − p), of each row's own label.
    ///
    /// Computed without either probability, so that it stays exact where p is nearly one (Carlini et
    /// al. 2022, section VI-A).
    static func logitScaled(_ logits: [Double], labels: [Int]) -> [Double] {
        guard !labels.isEmpty else { return [] }
        let width = logits.count / labels.count
        return labels.enumerated().map { row, label in
            let scores = logits[row * width..<(row + 1) * width]
            let others = scores.indices.filter { $0 != row * width + label }.map { scores[$0] }
            let largest = others.max() ?? 0
            let sum = others.reduce(0) { $0 + exp($1 - largest) }
            return scores[row * width + label] - largest - log(sum)
        }
    }
}
