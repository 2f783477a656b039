internal import Foundation
internal import LetheRecords
internal import Synchronization

/// Shows progress on standard error: a bar on a terminal, a line every ten seconds elsewhere, and
/// nothing for what takes less than a second.
final class ProgressBar: Sendable {
    private struct State {
        var phase = ""
        var began = Date.distantPast
        /// What was done before this process began: a resumed run's share.
        var doneBefore = 0
        var shown = Date.distantPast
        var isDrawn = false
    }

    private let state = Mutex(State())
    private let isTerminal = isatty(2) == 1

    deinit { if state.withLock({ $0.isDrawn }) { ProgressBar.write("\r\u{1B}[K") } }

    /// What shows progress, or nothing.
    static func handler(quiet: Bool) -> ProgressHandler {
        if quiet { return { _ in } }
        let bar = ProgressBar()
        return { bar.show($0) }
    }

    func show(_ progress: LetheRecords.Progress) {
        let now = Date()
        let line: String? = state.withLock { state in
            if state.phase != progress.phase {
                state.phase = progress.phase
                state.began = now
                state.doneBefore = progress.done
                state.shown = now
            }
            let wait = isTerminal ? 0.2 : 10
            guard now.timeIntervalSince(state.began) >= 1,
                now.timeIntervalSince(state.shown) >= wait
            else { return nil }
            state.shown = now
            state.isDrawn = isTerminal
            return ProgressBar.text(
                progress, doneNow: progress.done - state.doneBefore,
                seconds: now.timeIntervalSince(state.began))
        }
        guard let line else { return }
        ProgressBar.write(isTerminal ? "\r\u{1B}[K\(line)" : "\(line)\n")
    }

    private static func text(
        _ progress: LetheRecords.Progress, doneNow: Int, seconds: Double
    ) -> String {
        let total = max(progress.total, 1)
        let fraction = min(1, Double(progress.done) / Double(total))
        let rate = Double(doneNow) / seconds
        let left = rate > 0 ? Double(total - progress.done) / rate : 0
        let filled = Int(fraction * 20)
        let bar =
            String(repeating: "#", count: filled)
            + String(repeating: ".", count: 20 - filled)
        let figures = progress.figures.sorted { $0.key < $1.key }
            .map { String(format: "%@ %.3f", $0.key, $0.value) }.joined(separator: ", ")
        return "\(progress.phase) [\(bar)] \(progress.done)/\(total), "
            + String(format: "%.1f/s, ", rate) + "\(Numbers.duration(left)) left"
            + (figures.isEmpty ? "" : "; \(figures)")
    }

    private static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
