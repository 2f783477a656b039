internal import Foundation

/// What many models say of the same images: a normal distribution for each image.
///
/// The score is the logit of the probability that a model gives to the image's own label; over
/// models that were trained alike it is close to normal (N. Carlini et al., *Membership Inference
/// Attacks From First Principles*, 2022, section V). There are few models, so the deviation is one
/// for all images, pooled over them, as that paper advises for fewer than 64 (section VI-B).
struct ScorePopulation {
    /// The mean of each image; nil for one that no model has a score of.
    let means: [Double?]
    /// The pooled standard deviation.
    let deviation: Double

    /// Narrower than anything that training repeats; keeps the density finite.
    private static let leastDeviation = 1e-6

    /// Fits the distributions.
    ///
    /// - Parameter scores: For each image, its scores under the models of the population.
    init(_ scores: [[Double]]) {
        let means = scores.map { $0.isEmpty ? nil : $0.reduce(0, +) / Double($0.count) }
        var (squares, freedom) = (0.0, 0)
        for (own, mean) in zip(scores, means) {
            guard let mean else { continue }
            squares += own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            freedom += own.count - 1
        }
        self.means = means
        deviation = max(
            (squares / Double(max(freedom, 1))).squareRoot(), Self.leastDeviation)
    }

    /// The logarithm of the density at an image's score; nil where nothing is known of the image.
    func logDensity(_ score: Double, image: Int) -> Double? {
        means[image].map { mean in
            let distance = (score - mean) / deviation
            return -distance * distance / 2 - log(deviation) - log(2 * .pi) / 2
        }
    }
}

/// How well ratios tell two groups of answers apart.
enum Separation {
    /// The share of pairs in which the answer of the first group has the larger ratio.
    ///
    /// Ties count half. It is the area under the curve of hits over false alarms (J. A. Hanley, B. J. McNeil,
    /// *The meaning and use of the area under a receiver operating characteristic curve*, 1982).
    static func areaUnderCurve(_ first: [Double], _ second: [Double]) -> Double {
        guard !first.isEmpty, !second.isEmpty else { return 0.5 }
        let sorted = second.sorted()
        let wins = first.reduce(0.0) { sum, value in
            let below = count(in: sorted) { $0 < value }
            let notAbove = count(in: sorted) { $0 <= value }
            return sum + Double(below) + Double(notAbove - below) / 2
        }
        return wins / (Double(first.count) * Double(second.count))
    }

    /// The largest share of hits among thresholds with at most so many false alarms.
    static func hitRate(
        _ first: [Double], _ second: [Double], falseAlarmMaximum: Double
    ) -> Double {
        guard !first.isEmpty, !second.isEmpty else { return 0 }
        let allowed = Int(falseAlarmMaximum * Double(second.count) + 1e-9)
        let descending = second.sorted(by: >)
        // Whatever lies above the first answer that may not be an alarm any more.
        let threshold = allowed < descending.count ? descending[allowed] : -Double.infinity
        return Double(first.count { $0 > threshold }) / Double(first.count)
    }

    /// How many at the beginning of a sorted list have a property that the rest has not.
    private static func count(in sorted: [Double], _ property: (Double) -> Bool) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if property(sorted[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
