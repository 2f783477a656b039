/// The membership attack of the tables (methods.md 1.6, "MIA-Efficacy"): the share of forget samples
/// that an attacker, who knows how sure the model is of true labels, calls unseen.
///
/// The paper fits a support vector classifier to the one feature; ours is the single threshold that
/// separates members and non-members best, which in one dimension is what such a classifier comes to.
enum ConfidenceAttack {
    /// The threshold at or above which a sample counts as seen: the smallest of those with the best
    /// mean of both classes' hit rates.
    static func threshold(members: [Double], nonMembers: [Double]) -> Double {
        let members = members.sorted()
        let others = nonMembers.sorted()
        var best = (score: -1.0, threshold: 0.0)
        for candidate in (members + others).sorted() {
            let seen = Double(members.count - below(candidate, members)) / Double(members.count)
            let unseen = Double(below(candidate, others)) / Double(others.count)
            if seen + unseen > best.score + 1e-12 { best = (seen + unseen, candidate) }
        }
        return best.threshold
    }

    /// The share of samples that are called unseen, in 0...1.
    static func unseenShare(of samples: [Double], threshold: Double) -> Double {
        samples.isEmpty ? 0 : Double(samples.count { $0 < threshold }) / Double(samples.count)
    }

    /// How many sorted values are below one.
    private static func below(_ value: Double, _ sorted: [Double]) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
