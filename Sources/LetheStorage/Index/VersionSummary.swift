/// What the index tells about a version without its files.
public struct VersionSummary: Sendable, Hashable {
    /// The line.
    public let reference: ReferenceName
    /// The version's number in its line.
    public let number: Int
    /// The commit.
    public let commit: CommitID
    /// What was done, such as `forget`.
    public let operation: String
    /// When, in seconds since 1970 (UTC).
    public let secondsSince1970: Int64
    /// One sentence for a person.
    public let summary: String
    /// How many requests the line has honoured up to here.
    public let requestCount: Int
}

/// Which version of a line a question is about.
public enum VersionSelector: Sendable, Hashable {
    /// The newest one.
    case newest
    /// The oldest one.
    case oldest
    /// The newest one that an operation made.
    case newestOf(operation: String)
    /// The oldest one of a number.
    case number(Int)
    /// The ones whose commit begins with these digits; at most two are found.
    case commitPrefix(String)
}
