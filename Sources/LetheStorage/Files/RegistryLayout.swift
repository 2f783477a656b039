public import Foundation

/// Where everything lies in a registry folder (docs/FORMAT.md).
public struct RegistryLayout: Sendable, Hashable {
    /// The registry folder.
    public let root: URL

    /// Takes the registry folder; nothing is read or made.
    ///
    /// - Parameter log: A copy of the log that lies elsewhere; nil for the registry's own.
    public init(root: URL, log: URL? = nil) {
        self.root = root.standardizedFileURL
        lineage = self.root.appending(path: "lineage.git")
        self.log = log?.standardizedFileURL ?? self.root.appending(path: "log")
    }

    /// Takes a lineage and a log that lie anywhere, as an auditor has them; nothing else is there.
    public init(mirror: URL, log: URL) {
        root = mirror.standardizedFileURL
        lineage = root
        self.log = log.standardizedFileURL
    }

    /// What makes the folder a registry: format, id, policy.
    public var description: URL { root.appending(path: "registry.json") }
    /// The bare git repository of the lineage.
    public let lineage: URL
    /// The immutable bytes, named by their SHA-256.
    public var objects: URL { root.appending(path: "objects/sha256") }
    /// What helps to hash long files on several cores; may be removed at any time.
    public var states: URL { root.appending(path: "states") }
    /// The transparency log.
    public let log: URL
    /// The cache over lineage and objects.
    public var index: URL { root.appending(path: "index.sqlite") }
    /// Trusted public keys.
    public var keys: URL { root.appending(path: "keys") }
    /// Recipe files of this registry.
    public var recipes: URL { root.appending(path: "recipes") }
    /// Policy files of this registry.
    public var policies: URL { root.appending(path: "policies") }
    /// Files of running writers; anything here may be removed when its owner is dead.
    public var temporary: URL { root.appending(path: "tmp") }
    /// Lock files.
    public var locks: URL { root.appending(path: "locks") }
}
