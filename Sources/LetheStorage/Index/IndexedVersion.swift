public import LetheRecords

/// What the index keeps of a version; Registry, which knows manifests, fills it in.
public struct IndexedVersion: Sendable, Hashable {
    /// The line: a model's branch or a dataset.
    public let reference: ReferenceName
    /// 1 for the first version of a line.
    public let number: Int
    /// The version's commit.
    public let commit: CommitID
    /// The commit it follows; nil for the first version of a line.
    public let parent: CommitID?
    /// What was done, such as `forget`.
    public let operation: String
    /// When, in seconds since 1970 (UTC).
    public let secondsSince1970: Int64
    /// One sentence for a person.
    public let summary: String
    /// The files, ordered by path.
    public let files: [IndexedFile]
    /// The ids of the requests that this line has honoured up to here.
    public let requests: [String]
    /// The dataset that a run of this version trained on; nil where nothing ran.
    public let dataset: String?
    /// SHA-256 of the weights that an adapter was made on; nil where the version is no adapter.
    public let base: Digest?

    /// Describes a version; files and requests are put in order.
    public init(
        reference: ReferenceName, number: Int, commit: CommitID, parent: CommitID?,
        operation: String, secondsSince1970: Int64, summary: String, files: [IndexedFile],
        requests: [String], dataset: String? = nil, base: Digest? = nil
    ) {
        self.reference = reference
        self.number = number
        self.commit = commit
        self.parent = parent
        self.operation = operation
        self.secondsSince1970 = secondsSince1970
        self.summary = summary
        self.files = files.sorted { $0.path < $1.path }
        self.requests = requests.sorted()
        self.dataset = dataset
        self.base = base
    }

    /// The weights files, if somebody brought them in; a run's are its line's own.
    var publishedWeights: [StoredFile] {
        guard operation == Operation.publish.rawValue else { return [] }
        return files.filter(\.holdsWeights).map(\.file)
    }
}

/// A file of a version in the index.
public struct IndexedFile: Sendable, Hashable {
    /// The path in the version.
    public let path: String
    /// The file in the store.
    public let file: StoredFile

    /// Whether it says what a model has learnt.
    public var holdsWeights: Bool { VersionFile.holdsWeights(path) }

    /// Names a file.
    public init(path: String, file: StoredFile) {
        self.path = path
        self.file = file
    }
}

/// Reads what the index keeps of a commit; how the index is filled, on any thread.
///
/// `position` counts the commits of the line from 1.
public typealias VersionReader =
    @Sendable (
        _ reference: ReferenceName, _ commit: LineageCommit, _ position: Int, _ lineage: Lineage
    ) throws(LetheError) -> IndexedVersion
