internal import LetheRecords

/// Checks that the erasure epochs of a line only grow: a later certificate covers every request of
/// an earlier one (docs/decisions/0021-a-consumer-remembers-what-it-saw-erased.md).
///
/// A consumer remembers the highest epoch that it saw and takes nothing older; a line whose epochs
/// fell would be one that was put back.
enum EpochCheck {
    /// Checks the certified versions of a line, in their order.
    static func run(on line: AuditedLine, _ book: inout AuditBook) {
        var highest: AuditedVersion?
        for version in line.versions where version.manifest.operation == .certify {
            let before = highest
            book.check(.epochs, at: version.name) { () throws(LetheError) in
                guard let before else { return }
                let isCovered = Set(version.manifest.requests)
                    .isSuperset(of: before.manifest.requests)
                guard isCovered else {
                    throw CommitCheck.inconsistent(
                        version.name,
                        "its erasure epoch is \(version.manifest.requests.count), without every "
                            + "request of \(before.name), whose epoch is "
                            + "\(before.manifest.requests.count)")
                }
            }
            if version.manifest.requests.count >= (before?.manifest.requests.count ?? 0) {
                highest = version
            }
        }
    }
}
