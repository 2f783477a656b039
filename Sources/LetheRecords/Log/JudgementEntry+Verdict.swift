/// What a judgement is about and by which bar: what must not be chosen after the figures are known.
public struct JudgedBar: Sendable, Equatable {
    /// The model.
    public let model: String
    /// Which judgement of the model it is.
    public let number: Int
    /// The digest of the judged version's manifest.
    public let manifest: Digest
    /// The policy.
    public let policy: PolicyReference
    /// The test data.
    public let dataset: DatasetReference
    /// The split that is measured.
    public let split: String
    /// The digest of the log's entry that announced it; nil in certificates from before those.
    public let announcement: Digest?
}

extension ForgetVerdict {
    /// The bar that the verdict claims to have been reached by.
    public var judgedBar: JudgedBar {
        JudgedBar(
            model: model, number: report.sequenceNumber, manifest: manifest, policy: report.policy,
            dataset: report.dataset, split: report.split, announcement: bar)
    }
}

extension JudgementEntry {
    /// Whether this is the entry that announced a bar.
    ///
    /// - Throws: `malformed` if the entry does not encode.
    public func announced(_ bar: JudgedBar) throws(LetheError) -> Bool {
        let own = JudgedBar(
            model: model, number: number, manifest: manifest, policy: policy, dataset: dataset,
            split: split, announcement: try digest())
        return stage == .announced && own == bar
    }
}
