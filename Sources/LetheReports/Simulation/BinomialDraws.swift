internal import LetheRecords

/// Draws from a binomial distribution by its cumulative probabilities.
struct BinomialDraws {
    private var cumulative: [Double] = []

    init(trials: Int, probability: Double) {
        var mass = (0..<trials).reduce(1.0) { product, _ in product * (1 - probability) }
        var sum = 0.0
        for successes in 0...trials {
            sum += mass
            cumulative.append(sum)
            let odds = probability / (1 - probability)
            mass *= Double(trials - successes) / Double(successes + 1) * odds
        }
    }

    func next(_ random: inout SplitMix64) -> Int {
        let draw = random.unit()
        return cumulative.firstIndex { draw < $0 } ?? cumulative.count - 1
    }
}
