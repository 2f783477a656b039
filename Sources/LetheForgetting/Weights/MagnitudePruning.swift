import Foundation
import LetheRecords
import LetheTensor

/// Sets the smallest weights to zero, by one threshold over all prunable tensors together.
enum MagnitudePruning {
    /// Prunes in place.
    ///
    /// - Parameters:
    ///   - share: How much of the prunable weights is zero afterwards, in 0..<1.
    ///   - classCount: Outputs of the head, by which it is known.
    static func prune(
        _ parameters: [Tensor], share: Double, classCount: Int
    ) throws(LetheError) {
        let prunable = prunable(parameters, classCount: classCount)
        var sizes: [Tensor] = []
        for tensor in prunable { sizes.append(try tensor.detached().absolute()) }
        try drop(share: share, of: prunable, scores: sizes)
    }

    /// Sets to zero the share of weights whose scores are lowest, over all tensors together.
    static func drop(
        share: Double, of tensors: [Tensor], scores: [Tensor]
    ) throws(LetheError) {
        var flat: [Tensor] = []
        for score in scores { flat.append(try score.flattened()) }
        guard !flat.isEmpty else { return }
        let all = try Tensor.concatenated(flat)
        let count = Int((share * Double(all.count)).rounded())
        guard count > 0 else { return }
        let threshold = Double(
            try all.topK(count, largest: false).values
                .narrowed(dimension: 0, start: count - 1, length: 1).scalar())
        for (tensor, score) in zip(tensors, scores) {
            let alive = try score.greater(than: threshold)
            try tensor.multiplyInPlace(alive.converted(to: .float32))
        }
    }

    /// The convolutions; in a network without any (a patch embedding alone is none) the matrices
    /// inside.
    static func prunable(_ parameters: [Tensor], classCount: Int) -> [Tensor] {
        let convolutions = parameters.filter { $0.rank == 4 }
        guard convolutions.count < 2 else { return convolutions }
        return parameters.filter { $0.rank == 2 && $0.shape[0] != classCount }
    }

    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
}
