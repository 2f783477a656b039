import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// Tells a forgotten class by the probabilities that its images give to a *neighbouring* class
/// (CMIA, methods section 7): where accuracy is zero, how it became zero can still show.
///
/// The neighbour of a class is the retained class to which the line's first version gives the most
/// probability on its training images. The score of an image is the logarithm of the neighbour's
/// probability among the retained classes alone, so that nothing that is done to the rows of
/// the forgotten classes changes it. The training images of both classes choose a threshold and its
/// direction; as many test images of the one as of the other are then guessed.
///
/// A model that never saw the class has neighbours, too, so that only the difference from the
/// reference says something, in either direction. The summary of the paper leaves the attack open;
/// neighbour, score and threshold are our choices.
struct NeighbourAttack {
    /// The neighbour of each forgotten class that has one.
    let neighbours: [Int: Int]

    /// Finds the neighbours with the line's first version.
    init(_ original: ProbedModel, samples: ProbeSamples) throws(LetheError) {
        let retained = Self.retained(samples)
        var neighbours: [Int: Int] = [:]
        for label in samples.forgotten.sorted() where !retained.isEmpty {
            let images = samples.training(of: label, limit: 0)
            guard !images.isEmpty else { continue }
            let scores = try Self.scores(original, images, retained)
            neighbours[label] = Self.largestMean(scores).map { retained[$0] }
        }
        self.neighbours = neighbours
    }

    /// Whether each test image of a forgotten class and of its neighbour is guessed rightly.
    func hits(
        _ model: ProbedModel, samples: ProbeSamples
    ) throws(LetheError) -> [String: [Bool]?] {
        let retained = Self.retained(samples)
        var hits: [String: [Bool]?] = [:]
        for request in samples.requests {
            var found: [Bool]? = []
            for label in request.classes {
                guard let known = found, let neighbour = neighbours[label],
                    let column = retained.firstIndex(of: neighbour),
                    let guesses = try guesses(
                        model, samples, label, neighbour,
                        { (images) throws(LetheError) in
                            try Self.scores(model, images, retained).map { $0[column] }
                        })
                else {
                    found = nil
                    break
                }
                found = known + guesses
            }
            hits.updateValue(found, forKey: request.id)
        }
        return hits
    }

    private func guesses(
        _ model: ProbedModel, _ samples: ProbeSamples, _ label: Int, _ neighbour: Int,
        _ scores: ([Sample]) throws(LetheError) -> [Double]
    ) throws(LetheError) -> [Bool]? {
        let fitted = [label, neighbour].map { samples.training(of: $0, limit: 0) }
        let tested = [label, neighbour].map { samples.test(of: $0) }
        let count = min(tested[0].count, tested[1].count)
        guard fitted.allSatisfy({ !$0.isEmpty }), count > 0 else { return nil }
        return Self.guesses(
            fitted: (try scores(fitted[0]), try scores(fitted[1])),
            tested: (
                try scores(Array(tested[0].prefix(count))),
                try scores(Array(tested[1].prefix(count)))
            ))
    }

    /// Chooses a threshold on the fitted scores, guesses the tested ones; own class first.
    static func guesses(
        fitted: (own: [Double], neighbour: [Double]), tested: (own: [Double], neighbour: [Double])
    ) -> [Bool] {
        let rule = MembershipAttack.Rule(members: fitted.own, others: fitted.neighbour)
        return tested.own.map { rule.isMember($0) } + tested.neighbour.map { !rule.isMember($0) }
    }

    /// The column with the largest mean probability; of equals the first.
    static func largestMean(_ rows: [[Double]]) -> Int? {
        guard let width = rows.first?.count, width > 0 else { return nil }
        let sums = (0..<width).map { column in rows.reduce(0) { $0 + exp($1[column]) } }
        return sums.indices.reduce(0) { sums[$1] > sums[$0] ? $1 : $0 }
    }

    private static func retained(_ samples: ProbeSamples) -> [Int] {
        (0..<samples.classCount).filter { !samples.forgotten.contains($0) }
    }

    /// Logarithms of the probabilities among the retained classes, a row for each image.
    private static func scores(
        _ model: ProbedModel, _ images: [Sample], _ retained: [Int]
    ) throws(LetheError) -> [[Double]] {
        let columns = try Tensor(retained.map { Int64($0) }).moved(to: model.model.device)
        let flat = try model.logits(images).slices(dimension: 1, at: columns)
            .logSoftmax(dimension: 1).doubles()
        return images.indices.map {
            Array(flat[$0 * retained.count..<($0 + 1) * retained.count])
        }
    }
}
