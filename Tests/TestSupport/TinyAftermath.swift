internal import Foundation
public import LetheRecords
internal import LetheRegistry
internal import LetheStorage

extension TinyOperation {
    /// What is wrong after a run that was stopped, failed or succeeded: the promise is a clean
    /// registry with the old version or the new one, in which the same operation again works.
    ///
    /// It does the operation again.
    ///
    /// - Parameter tolerated: The codes of notes that may be left in the end; damage never may.
    /// - Returns: the first broken promise; nil if all are kept.
    /// - Throws: what opening or checking throws; that is a broken promise too.
    public func brokenPromise(
        in tiny: TinyRegistry, tolerating tolerated: Set<String> = []
    ) async throws(LetheError) -> String? {
        let registry = try tiny.open()
        let done = try doneCount(in: registry)
        guard done == 0 || done == 1 else { return "it was done \(done) times" }
        let before = try tiny.check(registry)
        guard before.isClean else { return "the check finds \(before.findings)" }
        do throws(LetheError) {
            try await run(on: tiny, in: registry)
            if done == 1, errorWhenDone != nil { return "it could be done twice" }
        } catch {
            // A version that is logged counts as done: the next writer moves its line first.
            guard error.code == errorWhenDone else { return "again it says \(error)" }
        }
        guard try doneCount(in: registry) == 1 else { return "it is not done once in the end" }
        let after = try tiny.check(registry)
        let found = after.findings.filter { $0.isDamage || !tolerated.contains($0.code) }
        guard found.isEmpty else { return "in the end the check finds \(found)" }
        let work = tiny.root.appending(path: "work").path
        let left = (try? FileManager.default.contentsOfDirectory(atPath: work)) ?? []
        return left.isEmpty ? nil : "work/ still has \(left)"
    }
}
