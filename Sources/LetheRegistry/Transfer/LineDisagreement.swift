internal import LetheRecords
internal import LetheStorage

/// A line that two registries have different commits of, said in words.
struct LineDisagreement {
    /// One of the two.
    struct Side {
        let tip: CommitID?
        let lineage: Lineage
        let name: String

        /// `faces@v3 (1f0c…)`, or the commit alone.
        func describe(_ id: CommitID?) -> String {
            guard let id else { return "nothing" }
            let short = id.hex.prefix(12)
            guard let version = try? VersionIndexing.version(at: id, in: lineage) else {
                return String(short)
            }
            return "\(version.name) (\(short))"
        }
    }

    let reference: ReferenceName
    /// The registry that receives.
    let target: Side
    let source: Side

    func conflict(after base: CommitID) -> LetheError {
        LetheError(
            code: .conflict,
            message: "\(reference.name) went on in both registries: "
                + "\(target.describe(target.tip)) in \(target.name) and "
                + "\(source.describe(source.tip)) in \(source.name) both follow "
                + "\(target.describe(base)).",
            remedy: "Nothing was moved. Fetch into the registry whose versions shall be followed, "
                + "and do the other registry's work again on top.")
    }

    func unrelated() -> LetheError {
        LetheError(
            code: .refused,
            message: "\(reference.name) in \(target.name) "
                + "(\(target.describe(target.tip))) and in \(source.name) "
                + "(\(source.describe(source.tip))) have no version in common: they are two "
                + "different lines of the same name.",
            remedy: "Nothing was moved. Publish one of them under another name.")
    }
}
