public import Foundation
public import LetheRecords
internal import LetheStorage

/// What a consumer has seen erased: for each line the highest erasure epoch of a certificate that it
/// pulled.
///
/// The epoch of a certificate is how many requests it covers; on a line it only grows. A file of the
/// consumer's own keeps it, so that nobody can hand out an older state of a line afterwards, be it a
/// registry that was put back from a backup, a copy that stopped fetching, or a server that lies.
public struct SeenErasures: Record {
    /// The schema's name.
    public static let schemaName = "lethe.seen.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The lines, in the order in which they were first seen.
    public var lines: [SeenLine]

    /// Has seen nothing unless told.
    public init(lines: [SeenLine] = []) {
        self.lines = lines
    }

    /// Refuses a certificate of an earlier epoch than one that was seen, and remembers a later one.
    ///
    /// A line is known again by its first version, in whatever registry, and by the registry and
    /// the model's name.
    ///
    /// - Throws: `refused`.
    mutating func see(_ line: SeenLine) throws(LetheError) {
        let known = lines.indices.filter { lines[$0].isSame(as: line) }
        if let newest = known.map({ lines[$0] }).max(by: { $0.epoch < $1.epoch }),
            newest.epoch > line.epoch
        {
            throw LetheError(
                code: .refused,
                message: "This version of \(line.model) is certified to have forgotten "
                    + "\(line.epoch) requests; \(newest.epoch) were seen here before, with "
                    + "version \(newest.version).",
                remedy: "Ask whoever runs the registry why it is older than it was; pull a version "
                    + "of epoch \(newest.epoch) or later.")
        }
        if let exact = known.first(where: { lines[$0].registry == line.registry }) {
            lines[exact] = line
        } else {
            lines.append(line)
        }
    }
}

/// A line of versions as a consumer has seen it.
public struct SeenLine: Sendable, Hashable, Codable {
    /// The id of the registry that it was pulled from.
    public var registry: String
    /// The model.
    public var model: String
    /// The digest of the manifest of the line's first version.
    public var first: Digest
    /// How many requests the newest certificate covered.
    public var epoch: Int
    /// The number of the version that carried it.
    public var version: Int

    /// Describes a line.
    public init(registry: String, model: String, first: Digest, epoch: Int, version: Int) {
        self.registry = registry
        self.model = model
        self.first = first
        self.epoch = epoch
        self.version = version
    }

    fileprivate func isSame(as other: SeenLine) -> Bool {
        first == other.first || (registry == other.registry && model == other.model)
    }
}

/// The file in which a consumer keeps `SeenErasures`.
public struct SeenFile: Sendable {
    private let url: URL

    /// Names the file; it need not exist.
    public init(_ url: URL) {
        self.url = url
    }

    /// What was seen; nothing if there is no file yet.
    ///
    /// - Throws: `malformed`: a damaged memory must not pass for an empty one.
    public func read() throws(LetheError) -> SeenErasures {
        guard FileManager.default.fileExists(atPath: url.path) else { return SeenErasures() }
        do throws(LetheError) {
            return try SeenErasures.read(canonical: StoreFiles().readFile(url))
        } catch {
            throw LetheError(
                code: error.code, message: "\(url.path) cannot be read: \(error.message)",
                remedy: "Restore it from a backup; if you remove it, older versions are accepted "
                    + "again.")
        }
    }

    /// Refuses what is older than what was seen, and remembers the rest; one process at a time.
    ///
    /// - Throws: `refused`, `malformed`, `io`.
    func see(_ line: SeenLine) throws(LetheError) {
        let files = StoreFiles()
        try files.makeFolders(url.deletingLastPathComponent())
        try files.exclusively(at: url.appendingPathExtension("lock")) { () throws(LetheError) in
            let before = try read()
            var seen = before
            try seen.see(line)
            if seen != before { try files.replaceFile(url, with: seen.canonicalBytes()) }
        }
    }
}

extension Registry {
    /// Refuses a version that is older than what was seen; remembers the epoch of a certified one.
    func see(_ version: Version, in seen: SeenFile) throws(LetheError) {
        let line = SeenLine(
            registry: description.id, model: version.manifest.model,
            first: try firstVersion(of: version.manifest.model).manifestDigest,
            epoch: version.manifest.requests.count, version: version.manifest.number)
        guard version.manifest.operation == .certify else {
            // Nobody certified how much it has forgotten, so it counts for nothing later.
            var before = try seen.read()
            return try before.see(line)
        }
        try seen.see(line)
    }
}
