/// How the gradients of forgetting and of retaining pulled at one step of a run.
public struct GradientLook: Sendable, Equatable, Codable {
    /// The step, counted from 1.
    public var step: Int
    /// The Euclidean norm of the gradient of forgetting.
    public var forgetNorm: Double
    /// The Euclidean norm of the gradient of retaining.
    public var retainNorm: Double
    /// The cosine between the two, in -1...1: below zero, one undoes what the other does.
    public var cosine: Double

    /// Describes a look.
    public init(step: Int, forgetNorm: Double, retainNorm: Double, cosine: Double) {
        self.step = step
        self.forgetNorm = forgetNorm
        self.retainNorm = retainNorm
        self.cosine = cosine
    }
}

/// The looks of a run, thinned evenly, so that a long run's record is no longer than a short one's.
public struct GradientTrail: Sendable, Equatable, Codable {
    /// A trail keeps at most so many looks.
    public static let mostLooks = 48

    /// What is kept, in order; four digits of each figure.
    public private(set) var looks: [GradientLook] = []
    private var seenCount = 0
    private var interval = 1

    /// Nobody has looked yet.
    public init() {}

    /// Adds a look; one with a figure that is no number is passed over.
    public mutating func add(_ look: GradientLook) {
        let figures = [look.forgetNorm, look.retainNorm, look.cosine]
        guard figures.allSatisfy(\.isFinite) else { return }
        seenCount += 1
        guard (seenCount - 1).isMultiple(of: interval) else { return }
        looks.append(
            GradientLook(
                step: look.step, forgetNorm: Self.rounded(look.forgetNorm),
                retainNorm: Self.rounded(look.retainNorm), cosine: Self.rounded(look.cosine)))
        guard looks.count > Self.mostLooks else { return }
        interval *= 2
        looks = looks.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    }

    /// Four digits, which is more than a batch tells.
    private static func rounded(_ value: Double) -> Double {
        var scale = 1.0
        let size = abs(value)
        guard size > 1e-30, size < 1e30 else { return size < 1 ? 0 : value }
        while size * scale < 1000 { scale *= 10 }
        return (value * scale).rounded() / scale
    }
}
