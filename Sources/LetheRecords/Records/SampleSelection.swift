/// That a request names samples and not classes, and which list says which.
///
/// The request's `commitment` is then the RFC 6962 Merkle root over the list.
public struct SampleSelection: Sendable, Equatable, Codable {
    /// The digest of the `SampleList`, which lies beside the request.
    public var list: Digest
    /// How many commitments the list has; samples that are exact copies share one.
    public var distinctCount: Int

    /// Names a list.
    public init(list: Digest, distinctCount: Int) {
        self.list = list
        self.distinctCount = distinctCount
    }
}

/// The samples of a request, by keyed commitments; `.lethe/requests/<id>.samples.json`.
///
/// It holds no path, no index, no label, no name and no bare hash. Without the commitment key it
/// says how many samples there are and nothing else.
public struct SampleList: Record {
    /// The schema's name.
    public static let schemaName = "lethe.samples.v1"
    /// How many commitments a list may have: it lies in git, where nothing is above 1 MiB.
    public static let countLimit = 10_000
    /// The schema's name, as written.
    public var schema = schemaName
    /// Which key commits to the samples (`CommitmentKey.identifier`).
    public var commitmentKey: String
    /// The commitments, ascending, each once.
    public var commitments: [Digest]

    /// Lists samples; commitments are put in order, equal ones become one.
    ///
    /// - Throws: `invalidArgument` for none, or for more than `countLimit`.
    public init(commitmentKey: String, commitments: some Sequence<Digest>) throws(LetheError) {
        self.commitmentKey = commitmentKey
        self.commitments = Set(commitments).sorted()
        guard (1...Self.countLimit).contains(self.commitments.count) else {
            throw LetheError(
                code: .invalidArgument,
                message: "A request covers 1 to \(Self.countLimit) samples, this one "
                    + "\(self.commitments.count).",
                remedy: "Make several requests of fewer samples, or name whole classes.")
        }
    }

    /// What a request says of this list.
    public func selection() throws(LetheError) -> SampleSelection {
        SampleSelection(list: try digest(), distinctCount: commitments.count)
    }

    /// The RFC 6962 Merkle root over the commitments.
    public var root: Digest { MerkleTree.root(of: commitments) }

    /// Reads a list.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schema = try container.decode(String.self, forKey: .schema)
        commitmentKey = try container.decode(String.self, forKey: .commitmentKey)
        commitments = try container.decode([Digest].self, forKey: .commitments)
        let isAscending = zip(commitments, commitments.dropFirst()).allSatisfy { $0 < $1 }
        guard isAscending, (1...Self.countLimit).contains(commitments.count) else {
            throw LetheError(
                code: .malformed,
                message: "A list of samples is not ascending, each once, or its length is not in "
                    + "1...\(Self.countLimit).")
        }
    }
}
