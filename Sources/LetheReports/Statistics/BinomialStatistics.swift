internal import Foundation

/// The statistics behind every bound of a report, in one place.
///
/// A test split is read as independent draws: `successes` of `trials` samples were answered
/// rightly. All bounds are one-sided and exact, which means that they are wrong with at most the
/// error probability given, for every size of sample and every true value; none is a normal
/// approximation. They also hold where the split has a fixed number of samples of each class, so
/// that the draws have different probabilities (W. Hoeffding, *On the distribution of the number
/// of successes in independent trials*, Annals of Mathematical Statistics 27, 1956): the sum then
/// varies less than a binomial variable of the same mean.
///
/// What they do not cover: images that are near copies of one another, and a test split that
/// helped to select the weights.
public enum BinomialStatistics {
    /// The error probability of each bound of one certificate.
    ///
    /// A line is certified again and again on the same test split. The certificate of number t
    /// spends budget · 6/(π² t²); because Σ 1/t² = π²/6 (Euler), all certificates of a line
    /// together spend at most the budget, however long it grows. Inside one certificate the share
    /// is divided equally among its bounds (Bonferroni), so that they all hold together.
    ///
    /// - Parameters:
    ///   - budget: The chance, over the whole line, that any bound is wrong; in 0...1.
    ///   - sequenceNumber: t, from 1.
    ///   - boundCount: How many bounds the certificate has, at least 1.
    public static func errorProbability(
        budget: Double, sequenceNumber: Int, boundCount: Int
    ) -> Double {
        let number = Double(sequenceNumber)
        return budget * 6 / (Double.pi * Double.pi * number * number) / Double(boundCount)
    }

    /// The one-sided Clopper–Pearson upper bound of a probability.
    ///
    /// It is the probability under which so few successes would be as rare as the error probability
    /// (C. J. Clopper, E. S. Pearson, *The use of confidence or fiducial limits*, Biometrika 26,
    /// 1934).
    ///
    /// - Returns: 1 where there are no trials, because nothing is known then.
    public static func upperBound(
        successes: Int, trials: Int, errorProbability: Double
    ) -> Double {
        guard successes < trials else { return 1 }
        // P(X ≤ k | p) = I_{1-p}(n-k, k+1), so 1-p is a lower bound of the failures' probability.
        return 1
            - lowerBound(
                successes: trials - successes, trials: trials, errorProbability: errorProbability)
    }

    /// The one-sided Clopper–Pearson lower bound of a probability: the probability under which so
    /// many successes would be as rare as the error probability.
    ///
    /// - Returns: 0 where there are no successes.
    public static func lowerBound(
        successes: Int, trials: Int, errorProbability: Double
    ) -> Double {
        guard successes > 0 else { return 0 }
        return inverseIncompleteBeta(
            Double(successes), Double(trials - successes + 1), probability: errorProbability)
    }

    /// An upper bound of how much accuracy fell between two models measured on the same samples.
    ///
    /// The drop is P(right then, wrong now) − P(wrong then, right now). The number lost and the
    /// number gained are each binomial in the number of trials. The first probability lies above
    /// its upper bound with at most half the error probability, the second below its lower bound
    /// with at most the other half; unless one of the two happens, the difference of the bounds
    /// is above the drop. This is the union bound: it holds although the two counts depend on
    /// each other, and it is conservative, because both must fail together to come near it.
    ///
    /// - Returns: 1 where there are no trials.
    public static func pairedDropUpperBound(
        lost: Int, gained: Int, trials: Int, errorProbability: Double
    ) -> Double {
        let half = errorProbability / 2
        return upperBound(successes: lost, trials: trials, errorProbability: half)
            - lowerBound(successes: gained, trials: trials, errorProbability: half)
    }

    /// The largest number of successes that is still consistent with guessing: the exact one-sided
    /// binomial test of "the probability is at most chance" does not reject it at the level.
    ///
    /// Not rejecting is what passes here, so a small level is lenient. The caller therefore gives
    /// the whole error budget and not the share of one bound, which shrinks as a line grows.
    public static func largestCountConsistent(
        withChance chance: Double, trials: Int, level: Double
    ) -> Int {
        // P(X ≥ k) falls with k: bisect between a count that is consistent and one that is not.
        var (consistent, inconsistent) = (0, trials + 1)
        while inconsistent - consistent > 1 {
            let middle = (consistent + inconsistent) / 2
            let tail = regularizedIncompleteBeta(
                Double(middle), Double(trials - middle + 1), chance)
            if tail > level { consistent = middle } else { inconsistent = middle }
        }
        return consistent
    }

    /// One over the number of classes.
    public static func chance(classCount: Int) -> Double {
        1 / Double(classCount)
    }

    /// The harmonic mean of retained accuracy and the fall of the forgotten classes' accuracy
    /// (GS-LoRA; methods section 7), all as fractions.
    ///
    /// - Parameters:
    ///   - retainedAccuracy: Top-1 on the retained classes now.
    ///   - originalForgottenAccuracy: Top-1 on the forgotten classes on the line's first version.
    ///   - forgottenAccuracy: Top-1 on the forgotten classes now.
    /// - Returns: 0 where the accuracy of the forgotten classes did not fall.
    public static func harmonicMean(
        retainedAccuracy: Double, originalForgottenAccuracy: Double, forgottenAccuracy: Double
    ) -> Double {
        let drop = originalForgottenAccuracy - forgottenAccuracy
        guard drop > 0, retainedAccuracy > 0 else { return 0 }
        return 2 * retainedAccuracy * drop / (retainedAccuracy + drop)
    }
}

extension BinomialStatistics {
    /// The regularised incomplete beta function I_x(a, b).
    ///
    /// Computed from its continued fraction (NIST Digital Library of Mathematical Functions,
    /// 8.17.22) with the modified Lentz algorithm (I. J. Thompson, A. R. Barnett, Journal of
    /// Computational Physics 64, 1986).
    ///
    /// For whole a and b = n − a + 1 it is P(X ≥ a) of a binomial variable with n trials and
    /// probability x.
    static func regularizedIncompleteBeta(_ a: Double, _ b: Double, _ x: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        // The fraction converges fast below the mean; above it the symmetry of I is used.
        guard x <= (a + 1) / (a + b + 2) else {
            return 1 - regularizedIncompleteBeta(b, a, 1 - x)
        }
        let logBeta = lgamma(a) + lgamma(b) - lgamma(a + b)
        let factor = exp(a * log(x) + b * log1p(-x) - logBeta)
        return min(1, factor * continuedFraction(a, b, x) / a)
    }

    /// 1/(1 + d₁/(1 + d₂/(1 + …))) of DLMF 8.17.22.
    private static func continuedFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        func kept(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var numerator = 1.0
        var denominator = 1 / kept(1 - (a + b) * x / (a + 1))
        var fraction = denominator
        for step in 1...10_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            denominator = 1 / kept(1 + even * denominator)
            numerator = kept(1 + even / numerator)
            fraction *= denominator * numerator
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            denominator = 1 / kept(1 + odd * denominator)
            numerator = kept(1 + odd / numerator)
            let change = denominator * numerator
            fraction *= change
            if abs(change - 1) < 1e-15 { break }
        }
        return fraction
    }

    /// The x with I_x(a, b) = probability, by bisection down to neighbouring numbers; the lower
    /// neighbour, which never claims too much for a lower bound.
    static func inverseIncompleteBeta(_ a: Double, _ b: Double, probability: Double) -> Double {
        var (low, high) = (0.0, 1.0)
        for _ in 0..<1_100 {
            let middle = (low + high) / 2
            guard middle > low, middle < high else { break }
            if regularizedIncompleteBeta(a, b, middle) < probability {
                low = middle
            } else {
                high = middle
            }
        }
        return low
    }
}
