internal import Foundation
internal import LetheRecords
internal import Synchronization

/// What a few real steps of a run cost; nothing of it is kept.
public struct TimedTrial: Sendable, Equatable {
    /// Steps of a whole run; it may reach its goal sooner.
    public let stepCount: Int
    /// Steps that were timed; 0 for a method that ends before two steps are done.
    public let timedStepCount: Int
    /// The mean over the timed steps, in seconds.
    public let secondsPerStep: Double
    /// Everything before the first step was done, in seconds: reading images, measuring the parent.
    public let preparationSeconds: Double
    /// Images that were read for each purpose, in the order in which they were.
    public let pools: [Pool]

    /// Images that a run reads for one purpose.
    public struct Pool: Sendable, Equatable {
        /// As the progress of the run names it.
        public let purpose: String
        /// How many.
        public let imageCount: Int
    }

    /// Preparation and all steps, in seconds; checks on validation samples come on top.
    public var estimatedSeconds: Double {
        preparationSeconds + secondsPerStep * Double(stepCount)
    }
}

/// Watches a run's progress and says when enough steps were timed.
final class TrialClock: Sendable {
    private struct State {
        var steps: [(done: Int, at: ContinuousClock.Instant)] = []
        var total = 0
        var pools: [TimedTrial.Pool] = []
        var isEnough = false
        var stop: (@Sendable () -> Void)?
    }

    private let start = ContinuousClock.now
    private let wanted: Int
    private let state = Mutex(State())

    init(steps wanted: Int) { self.wanted = wanted }

    /// Takes note of progress; from the wanted step on it stops the run.
    func note(_ progress: LetheRecords.Progress) {
        let now = ContinuousClock.now
        let stop = state.withLock { state -> (@Sendable () -> Void)? in
            if progress.phase.hasPrefix("reading") {
                state.pools.removeAll { $0.purpose == progress.phase }
                state.pools.append(
                    TimedTrial.Pool(purpose: progress.phase, imageCount: progress.total))
                return nil
            }
            guard progress.phase == "forgetting" || progress.phase == "training" else { return nil }
            state.total = progress.total
            if state.steps.last.map({ $0.done < progress.done }) ?? true {
                state.steps.append((progress.done, now))
            }
            state.isEnough = progress.done >= wanted
            return state.isEnough ? state.stop : nil
        }
        stop?()
    }

    /// What stops the run; called at once if enough was seen before.
    func onEnough(_ stop: @escaping @Sendable () -> Void) {
        let isEnough = state.withLock { state in
            state.stop = stop
            return state.isEnough
        }
        if isEnough { stop() }
    }

    /// What was seen; the first step, which warms up, is part of the preparation.
    func trial(endedAt end: ContinuousClock.Instant) -> TimedTrial {
        state.withLock { state in
            let real = state.steps.filter { $0.done > 0 }
            let first = real.first
            let last = real.last
            let timed = (last?.done ?? 0) - (first?.done ?? 0)
            let seconds = first.flatMap { first in last.map { ($0.at - first.at).seconds } } ?? 0
            return TimedTrial(
                stepCount: state.total, timedStepCount: timed,
                secondsPerStep: timed > 0 ? seconds / Double(timed) : 0,
                preparationSeconds: ((first?.at ?? end) - start).seconds, pools: state.pools)
        }
    }
}

extension Duration {
    fileprivate var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

extension TimedTrial {
    /// How many steps a trial waits for.
    static let wantedStepCount = 6

    /// Begins a run in a scratch folder, times its first steps and stops it.
    ///
    /// - Throws: what the run throws before enough steps are done; `interrupted` if the caller was.
    static func measure(
        _ task: ForgetTask, engine: any Engine, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> TimedTrial {
        let clock = TrialClock(steps: wantedStepCount)
        let running = Task { () -> LetheError? in
            do throws(LetheError) {
                _ = try await engine.forget(task) {
                    clock.note($0)
                    progress($0)
                }
                return nil
            } catch {
                return error
            }
        }
        clock.onEnough { running.cancel() }
        let error = await withTaskCancellationHandler {
            await running.value
        } onCancel: {
            running.cancel()
        }
        let trial = clock.trial(endedAt: ContinuousClock.now)
        if let error, error.code != ErrorCode.interrupted || Task.isCancelled { throw error }
        return trial
    }
}
