/// The endless order in which a pool of samples is walked: one permutation after the other.
///
/// It has no state: the batch of a step follows from the seed and the step alone.
struct SampleOrder: Sendable {
    let seed: RunSeed
    let purpose: String
    let count: Int
    let batchSize: Int

    /// The positions in the pool that make up the batch of a step.
    func batch(step: Int) -> [Int] {
        guard count > 0 else { return [] }
        var positions: [Int] = []
        positions.reserveCapacity(batchSize)
        var place = step * batchSize
        while positions.count < batchSize {
            let epoch = place / count
            let start = place % count
            let length = min(count - start, batchSize - positions.count)
            positions += permutation(epoch)[start..<start + length]
            place += length
        }
        return positions
    }

    private func permutation(_ epoch: Int) -> [Int] {
        var source = seed.source(purpose, epoch)
        return source.permutation(count)
    }
}
