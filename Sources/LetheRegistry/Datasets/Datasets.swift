public import LetheRecords
public import LetheStorage

/// A dataset as the lineage has it.
public struct RegisteredDataset: Sendable {
    /// The commit that holds the record.
    public let commit: CommitID
    /// Counts and commitments.
    public let record: DatasetRecord
    /// The name and the record's digest.
    public let reference: DatasetReference
}

extension Registry {
    static let datasetPath = "dataset.json"

    /// The dataset of a name as it is now.
    ///
    /// - Throws: `notFound` naming those there are.
    public func dataset(named name: String) throws(LetheError) -> RegisteredDataset {
        guard let found = try datasetIfPresent(name) else {
            let names = try datasets()
            throw LetheError(
                code: .notFound, message: "There is no dataset \"\(name)\" in this registry.",
                remedy: names.isEmpty
                    ? "Add one with lethe dataset add \(name) <path>."
                    : "The datasets here are: \(names.joined(separator: ", ")).")
        }
        return found
    }

    /// The names of the datasets of this registry.
    public func datasets() throws(LetheError) -> [String] {
        try index.lines(prefix: "refs/datasets/").map(\.name)
    }

    func datasetIfPresent(_ name: String) throws(LetheError) -> RegisteredDataset? {
        guard let commit = try storage.lineage.target(of: ReferenceName.dataset(name)) else {
            return nil
        }
        return try dataset(at: commit)
    }

    func dataset(at commit: CommitID) throws(LetheError) -> RegisteredDataset {
        guard let bytes = try storage.lineage.readFile(TreePath(Self.datasetPath), at: commit)
        else {
            throw LetheError(
                code: .malformed, message: "The commit \(commit) holds no dataset.",
                remedy: "Run lethe fsck.")
        }
        let record = try DatasetRecord.read(canonical: bytes)
        return RegisteredDataset(
            commit: commit, record: record,
            reference: DatasetReference(name: record.name, digest: Digest(hashing: bytes)))
    }
}

extension DatasetRecord {
    /// The split of a name.
    ///
    /// - Throws: `notFound` naming those there are.
    func split(named name: String) throws(LetheError) -> DatasetSplit {
        guard let split = splits.first(where: { $0.name == name }) else {
            throw LetheError(
                code: .notFound, message: "The dataset \"\(self.name)\" has no split \"\(name)\".",
                remedy: "It has: \(splits.map(\.name).joined(separator: ", ")).")
        }
        return split
    }
}
