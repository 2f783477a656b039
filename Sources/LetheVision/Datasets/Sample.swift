/// One labelled image of a dataset, without its bytes.
public struct Sample: Sendable, Hashable {
    /// The split that the sample belongs to.
    public let split: String
    /// The position in the split, from 0; stable as long as the files do not change.
    public let index: Int
    /// The class, from 0.
    public let label: Int
    /// Where the bytes are.
    public let location: Location

    /// Where the bytes of a sample are.
    public enum Location: Sendable, Hashable {
        /// A file of its own, as a path below the dataset's folder.
        case file(String)
        /// A range of one of the dataset's big files.
        case range(source: Int, offset: Int, count: Int)
    }

    /// A sample that a dataset's reader found.
    init(split: String, index: Int, label: Int, location: Location) {
        self.split = split
        self.index = index
        self.label = label
        self.location = location
    }
}
