public import LetheRecords

/// One thing that the store is about to do to the disk.
public struct StorageStep: Sendable, Hashable, CustomStringConvertible {
    /// What kinds of steps there are.
    public enum Action: String, Sendable, CaseIterable {
        /// A folder is made.
        case createFolder
        /// An empty file is made.
        case createFile
        /// A piece of a file is written.
        case writeBytes
        /// The bytes of one file are forced to the disk.
        case syncFile
        /// Everything written to the file system so far is forced to the disk.
        case syncFileSystem
        /// A finished file gets its final name.
        case rename
        /// The names in a folder are forced to the disk.
        case syncFolder
        /// A file or an empty folder is removed.
        case remove
        /// An advisory lock is taken.
        case lock
        /// Leases are taken on digests, before anybody looks whether they are present.
        case lease
        /// Leases are given back.
        case releaseLease
        /// A reference is moved to a commit: the moment at which a version exists.
        case moveReference
        /// The index learns of a version.
        case updateIndex
    }

    /// What is about to be done.
    public let action: Action
    /// The file, folder, reference or path in the tree that it is done to.
    public let subject: String

    init(_ action: Action, _ subject: String) {
        self.action = action
        self.subject = subject
    }

    /// The action and what it is done to.
    public var description: String { "\(action.rawValue) \(subject)" }
}

/// What runs before each step: nothing in production; a test counts, fails or dies here.
public typealias BeforeStep = @Sendable (StorageStep) throws(LetheError) -> Void
