import LetheRecords
import LetheVision

/// Whether the samples that decide are among those that were trained on.
///
/// The bytes of each test sample, as stored, are compared with those of every other split: what a
/// commitment covers. Copies that were encoded anew or cropped are not found, nor samples that
/// were trained on and then left out of the dataset.
enum TestOverlap {
    /// Refuses a test split that is not apart from the others.
    ///
    /// - Parameter check: Called between samples; may throw to stop.
    /// - Throws: `refused` naming how many test samples are in which split.
    static func require(
        _ test: TestSplit, policy: Policy, check: () throws(LetheError) -> Void
    ) throws(LetheError) {
        var seen: [Digest: Int] = [:]
        for sample in test.samples {
            try check()
            seen[Digest(hashing: try test.dataset.bytes(of: sample)), default: 0] += 1
        }
        for (name, samples) in test.dataset.splits.sorted(by: { $0.key < $1.key })
        where name != test.samples.first?.split {
            var shared: Set<Digest> = []
            for sample in samples {
                try check()
                let digest = Digest(hashing: try test.dataset.bytes(of: sample))
                if seen[digest] != nil { shared.insert(digest) }
            }
            let count = shared.reduce(0) { $0 + (seen[$1] ?? 0) }
            let limit = policy.testOverlapMaximum ?? 0
            guard Double(count) > limit * Double(test.samples.count) else { continue }
            throw LetheError(
                code: .refused,
                message: "\(count) of \(test.samples.count) test samples are also in the split "
                    + "\"\(name)\"; figures on them say nothing.",
                remedy: "Judge by test samples that nothing was trained on.")
        }
    }
}
