internal import Foundation

/// One class of a weighted mean of accuracies.
struct Stratum: Sendable, Equatable {
    /// Its share; all shares together are 1.
    let weight: Double
    let successes: Int
    let trials: Int
}

extension BinomialStatistics {
    /// The weighted mean of the strata's accuracies; one without trials counts as 0.
    static func weightedMean(of strata: [Stratum]) -> Double {
        strata.reduce(0) { $0 + $1.weight * fraction($1.successes, of: $1.trials, ifNone: 0) }
    }

    /// A one-sided lower bound of the weighted mean of the strata's probabilities.
    ///
    /// Of one stratum it is Clopper–Pearson's. Of several it is Hoeffding's (W. Hoeffding,
    /// *Probability inequalities for sums of bounded random variables*, Journal of the American
    /// Statistical Association 58, 1963, theorem 2): every trial adds between 0 and w/m, so that
    /// the mean is above its expectation by t with a chance of at most exp(-2 t² / Σ w²/m). It
    /// holds for every number of trials and every weight. Which of the two is taken depends on the
    /// number of strata alone and never on what was counted.
    ///
    /// - Returns: 0 where a stratum has no trials, because nothing is known of it then.
    static func weightedLowerBound(
        of strata: [Stratum], errorProbability: Double
    ) -> Double {
        let used = strata.filter { $0.weight > 0 }
        guard !used.isEmpty, used.allSatisfy({ $0.trials > 0 }) else { return 0 }
        if used.count == 1 {
            return lowerBound(
                successes: used[0].successes, trials: used[0].trials,
                errorProbability: errorProbability)
        }
        let spread = used.reduce(0) { $0 + $1.weight * $1.weight / Double($1.trials) }
        let distance = (-log(errorProbability) * spread / 2).squareRoot()
        return max(0, weightedMean(of: used) - distance)
    }
}
