internal import LetheRecords

/// What a version from a folder is to be, apart from its files.
struct VersionPlan {
    let model: String
    let parent: Version?
    let operation: Operation
    let run: RunDescription?
    let base: BaseReference?
    /// One sentence for a person.
    let summary: String
    let created: Timestamp
}
