import LetheRecords
import LetheTensor

/// The proximal step of the group lasso: x <- x * max(0, 1 - rate * alpha / ||x||) for each block.
///
/// This is block soft thresholding (Yuan and Lin 2006, section 2). A group that is small becomes
/// exactly zero, so the request leaves that block alone.
///
/// The paper shrinks A and B of a block together, by a gradient. Here that would be a trap: where
/// A and B are both zero, neither has a gradient, and a group that reached zero could never leave
/// it again. So a group is what decides whether the block changes at all: the B of all its layers.
/// A stays as it was drawn; with B = 0 it adds nothing, costs nothing and still gives B a gradient.
/// Every run starts from such zero groups.
///
/// AdamW moves each entry by up to the learning rate, a group of n entries by up to its square
/// root of n-fold. Alpha has to be near that to hold a block at zero: tens to hundreds, where the
/// published form has 1e-4. Which blocks become zero shows only after some hundred steps.
struct ProximalGroupStep {
    /// The matrices B of each block.
    let groups: [[Tensor]]
    /// Alpha.
    let weight: Double
    /// What each block's learning rate is multiplied by.
    let rateFactors: [Double]

    /// Shrinks every group once.
    func callAsFunction(learningRate: Double) throws(LetheError) {
        for (group, factor) in zip(groups, rateFactors) {
            let norm = try group.jointNorm()
            guard norm > 0 else { continue }
            let kept = max(0, 1 - learningRate * factor * weight / norm)
            for matrix in group { try matrix.multiplyInPlace(kept) }
        }
    }
}

extension [Tensor] {
    /// The Euclidean norm of all entries together.
    func jointNorm() throws(LetheError) -> Double {
        var sum = 0.0
        for matrix in self { sum += Double(try matrix.detached().square().sum().scalar()) }
        return sum.squareRoot()
    }
}
