/// The attacks of tier 3, each on single samples and with many models (methods section 7).
///
/// All are likelihood ratios between two populations of models (`ScorePopulation`); they differ in
/// whom they compare. Of RULI only a summary was at hand: two attacks, one for whether a sample was
/// forgotten and one for whether it is more exposed than under Retrain. What that leaves open we chose.
public enum TwinAttack: String, Sendable, Codable, CaseIterable {
    /// U-LiRA (J. Hayes et al., arXiv:2403.01218): models that learnt a sample and forgot it beside
    /// models that never saw it.
    case uLiRA = "u-lira"
    /// RULI's efficacy (arXiv:2506.13009): does a forgotten sample still look like a learnt one.
    case ruliEfficacy = "ruli-efficacy"
    /// RULI's privacy: does one and the same model give forgotten samples away among samples that it
    /// never saw; under Retrain there is no difference between them.
    case ruliPrivacy = "ruli-privacy"

    /// Answers of a model: of samples that its original learnt, of the others, or of both.
    struct Group {
        let model: TwinPair.Model
        let members: Bool?

        /// The positions of the samples that belong to it.
        func positions(in pair: TwinPair) -> [Int] {
            pair.isMember.indices.filter { members == nil || pair.isMember[$0] == members }
        }
    }

    /// The populations that are fitted, and the answers that are then told apart.
    struct Design {
        let fitted: (Group, Group)
        let tested: (Group, Group)
    }

    private static let learnt = Group(model: .original, members: true)
    private static let forgotten = Group(model: .unlearned, members: true)

    var design: Design {
        let never = Group(model: .retrained, members: nil)
        let ignored = Group(model: .retrained, members: true)
        let besides = Group(model: .unlearned, members: false)
        return switch self {
        case .uLiRA: Design(fitted: (Self.forgotten, never), tested: (Self.forgotten, ignored))
        case .ruliEfficacy: Design(fitted: (Self.learnt, never), tested: (Self.forgotten, ignored))
        case .ruliPrivacy:
            Design(fitted: (Self.forgotten, besides), tested: (Self.forgotten, besides))
        }
    }

    /// The same attack on models that forgot nothing; one that fails there says nothing at all.
    var sanityDesign: Design {
        let never = Group(model: .retrained, members: nil)
        let ignored = Group(model: .retrained, members: true)
        let besides = Group(model: .original, members: false)
        return switch self {
        case .uLiRA, .ruliEfficacy:
            Design(fitted: (Self.learnt, never), tested: (Self.learnt, ignored))
        case .ruliPrivacy: Design(fitted: (Self.learnt, besides), tested: (Self.learnt, besides))
        }
    }
}

extension TwinAttack.Design {
    /// What an attack found in the pairs that it was tried on.
    struct Result {
        /// Of each pair, the share of right answers: the mean over both groups, ties half.
        var accuracies: [Double] = []
        /// The ratios of all answers of the first group.
        var first: [Double] = []
        /// The same of the second.
        var second: [Double] = []
    }

    /// Fits the populations on some pairs and tells the answers of others apart.
    func result(fittedTo fit: ArraySlice<TwinPair>, on test: ArraySlice<TwinPair>) -> Result {
        let (one, other) = (Self.population(fitted.0, fit), Self.population(fitted.1, fit))
        func ratios(_ group: TwinAttack.Group, _ pair: TwinPair) -> [Double] {
            let scores = pair.scores(of: group.model)
            return group.positions(in: pair).compactMap { image in
                guard let density = one.logDensity(scores[image], image: image),
                    let beside = other.logDensity(scores[image], image: image)
                else { return nil }
                return density - beside
            }
        }
        var result = Result()
        for pair in test {
            let (first, second) = (ratios(tested.0, pair), ratios(tested.1, pair))
            result.accuracies.append(
                (Self.share(first) + Self.share(second.map { -$0 })) / 2)
            result.first += first
            result.second += second
        }
        return result
    }

    /// The share of positive ratios; ties count half, and so does having none.
    private static func share(_ ratios: [Double]) -> Double {
        guard !ratios.isEmpty else { return 0.5 }
        let right = ratios.reduce(0.0) { $0 + ($1 > 0 ? 1 : $1 == 0 ? 0.5 : 0) }
        return right / Double(ratios.count)
    }

    private static func population(
        _ group: TwinAttack.Group, _ pairs: ArraySlice<TwinPair>
    ) -> ScorePopulation {
        var scores = [[Double]](repeating: [], count: pairs.first?.isMember.count ?? 0)
        for pair in pairs {
            let own = pair.scores(of: group.model)
            for image in group.positions(in: pair) { scores[image].append(own[image]) }
        }
        return ScorePopulation(scores)
    }
}
