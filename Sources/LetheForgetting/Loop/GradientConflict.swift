import LetheRecords

/// How two gradients pull: their norms and the cosine between them.
struct GradientConflict: Sendable, Equatable {
    let innerNorm: Double
    let outerNorm: Double
    let cosine: Double

    init(_ inner: GradientVector, _ outer: GradientVector) throws(LetheError) {
        innerNorm = try inner.norm()
        outerNorm = try outer.norm()
        let norms = innerNorm * outerNorm
        cosine = norms > 0 ? try inner.dot(outer) / norms : 0
    }

    var figures: [String: Double] {
        ["innerGradientNorm": innerNorm, "outerGradientNorm": outerNorm, "gradientCosine": cosine]
    }
}

/// The conflicts of a run's steps, summed up.
struct ConflictRecord: Sendable {
    private var count = 0
    private var cosineSum = 0.0
    private var negativeCount = 0

    mutating func add(_ conflict: GradientConflict) {
        count += 1
        cosineSum += conflict.cosine
        if conflict.cosine < 0 { negativeCount += 1 }
    }

    /// The mean cosine, and the share of steps in which the two pulled against each other.
    var figures: [String: Double] {
        guard count > 0 else { return [:] }
        return [
            "meanGradientCosine": cosineSum / Double(count),
            "conflictingSteps": Double(negativeCount) / Double(count),
        ]
    }
}
