/// Where a step stands in a run whose epochs are passes over one pool after the other.
struct PassSchedule: Sendable, Equatable {
    /// One pass over one pool.
    struct Pass: Sendable, Equatable {
        let epoch: Int
        let pool: Pool
        let stepCount: Int
    }

    /// A step's place.
    struct Place: Sendable, Equatable {
        let epoch: Int
        let pool: Pool
        /// Steps that the run has taken over this pool before.
        let step: Int
    }

    private let passes: [Pass]

    /// - Parameters:
    ///   - epochs: The passes of each epoch.
    ///   - stepCount: Steps of one pass over a pool.
    init(_ epochs: [[Pool]], stepCount: (Pool) -> Int) {
        passes = epochs.enumerated().flatMap { epoch, pools in
            pools.map { Pass(epoch: epoch, pool: $0, stepCount: stepCount($0)) }
        }
    }

    /// All steps.
    var stepCount: Int { passes.reduce(0) { $0 + $1.stepCount } }

    /// Where a step, counted from 0, stands; the last place for any beyond.
    func place(_ step: Int) -> Place {
        var rest = step
        var taken: [Pool: Int] = [:]
        for pass in passes {
            let before = taken[pass.pool, default: 0]
            if rest < pass.stepCount || pass == passes.last {
                return Place(epoch: pass.epoch, pool: pass.pool, step: before + rest)
            }
            rest -= pass.stepCount
            taken[pass.pool] = before + pass.stepCount
        }
        return Place(epoch: 0, pool: .retain, step: step)
    }
}
