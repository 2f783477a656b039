/// What was measured on one pair of twins: a small model that learnt half of the samples in question
/// and was made to forget them, and one that never saw any.
///
/// The other half stands beside it: samples like the forgotten ones, that neither model ever saw.
public struct TwinPair: Sendable, Codable, Equatable {
    /// Of each sample in question, whether the first twin learnt it and had to forget it.
    public var isMember: [Bool]
    /// Logits of the probability of each sample's own label: before forgetting.
    public var original: [Double]
    /// The same after forgetting.
    public var unlearned: [Double]
    /// The same of the twin that was trained without any of them.
    public var retrained: [Double]
    /// The average gap over UA, RA, TA and MIA between the two twins, in points.
    public var averageGap: Double
    /// The same between this and the previous pair's retrained twin: what another seed does.
    public var seedGap: Double?

    /// Puts a pair together.
    public init(
        isMember: [Bool], original: [Double], unlearned: [Double], retrained: [Double],
        averageGap: Double, seedGap: Double?
    ) {
        self.isMember = isMember
        self.original = original
        self.unlearned = unlearned
        self.retrained = retrained
        self.averageGap = averageGap
        self.seedGap = seedGap
    }

    /// Whose answers an attack looks at.
    enum Model {
        case original
        case unlearned
        case retrained
    }

    func scores(of model: Model) -> [Double] {
        switch model {
        case .original: original
        case .unlearned: unlearned
        case .retrained: retrained
        }
    }

    /// Whether every list has a number for every sample.
    var isWhole: Bool {
        [original, unlearned, retrained].allSatisfy {
            $0.count == isMember.count && $0.allSatisfy(\.isFinite)
        }
    }
}
