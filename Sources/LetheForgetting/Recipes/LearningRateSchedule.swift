import Foundation

/// The learning rate of every step of a run, as a pure function of the step.
struct LearningRateSchedule: Sendable, Equatable {
    /// The shapes that a recipe can name.
    enum Shape: String, CaseIterable, Sendable {
        /// Linear warm-up, then half a cosine down to a fraction of the peak.
        case cosine
        /// Half a cosine up from 1/25 of the peak, then half a cosine down to nearly nothing
        /// (arXiv:1708.07120, with the numbers of torch's OneCycleLR).
        case oneCycle = "one-cycle"
        /// Linear warm-up, then a straight line down to a fraction of the peak.
        case linear
        /// The same rate throughout.
        case constant
    }

    var shape: Shape
    var peak: Double
    /// For `cosine` and `linear`: the last rate as a fraction of the peak.
    var finalFraction: Double
    /// For `cosine` and `linear` steps of warm-up; for `oneCycle` the steps of the way up.
    var warmUpSteps: Int
    var totalSteps: Int

    /// The rate for a step, counted from 0.
    func rate(step: Int) -> Double {
        switch shape {
        case .constant: peak
        case .cosine: cosineRate(step)
        case .linear: linearRate(step)
        case .oneCycle: oneCycleRate(step)
        }
    }

    private func cosineRate(_ step: Int) -> Double {
        if step < warmUpSteps { return peak * Double(step + 1) / Double(warmUpSteps) }
        let length = max(1, totalSteps - warmUpSteps)
        let progress = Double(step - warmUpSteps) / Double(length)
        return Self.cosine(from: peak, to: peak * finalFraction, progress: progress)
    }

    /// As transformers' `get_linear_schedule_with_warmup`, but for the warm-up's first step.
    private func linearRate(_ step: Int) -> Double {
        if step < warmUpSteps { return peak * Double(step + 1) / Double(warmUpSteps) }
        let length = max(1, totalSteps - warmUpSteps)
        let progress = min(1, Double(step - warmUpSteps) / Double(length))
        return peak + (peak * finalFraction - peak) * progress
    }

    /// As torch.optim.lr_scheduler.OneCycleLR with `div_factor` 25 and `final_div_factor` 1e4.
    private func oneCycleRate(_ step: Int) -> Double {
        let start = peak / 25
        let top = Double(warmUpSteps) - 1
        if Double(step) <= top, top > 0 {
            return Self.cosine(from: start, to: peak, progress: Double(step) / top)
        }
        let length = max(1, Double(totalSteps) - 1 - top)
        return Self.cosine(from: peak, to: start / 1e4, progress: (Double(step) - top) / length)
    }

    private static func cosine(from first: Double, to last: Double, progress: Double) -> Double {
        last + (first - last) / 2 * (1 + cos(.pi * min(1, max(0, progress))))
    }
}
