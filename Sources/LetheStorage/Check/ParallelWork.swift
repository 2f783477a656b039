internal import Dispatch
internal import LetheRecords
internal import Synchronization

/// Runs work on all cores and gathers the results in the order of the items.
enum ParallelWork {
    static func map<Item: Sendable, Result: Sendable>(
        _ items: [Item], _ work: @Sendable (Item) -> Result
    ) -> [Result] {
        let results = Mutex<[Int: Result]>([:])
        DispatchQueue.concurrentPerform(iterations: items.count) { index in
            let result = work(items[index])
            results.withLock { $0[index] = result }
        }
        let found = results.withLock { $0 }
        return items.indices.compactMap { found[$0] }
    }
}
