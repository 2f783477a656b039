internal import Foundation
public import LetheRecords
public import LetheStorage

extension Registry {
    /// The newest version of a model; nil if there is no such model.
    public func tip(of model: String) throws(LetheError) -> Version? {
        guard let commit = try storage.lineage.target(of: ReferenceName.model(model)) else {
            return nil
        }
        return try version(at: commit)
    }

    /// Reads a version's manifest from the lineage.
    ///
    /// - Throws: `malformed` if the commit is no version.
    public func version(at commit: CommitID) throws(LetheError) -> Version {
        try VersionIndexing.version(at: commit, in: storage.lineage)
    }

    /// Every version of a line, oldest first.
    ///
    /// - Throws: `notFound` if there is no such model, naming those there are.
    public func versions(of model: String) throws(LetheError) -> [Version] {
        let history = try storage.lineage.history(of: ReferenceName.model(model))
        guard !history.isEmpty else { throw try unknown(model: model) }
        var versions: [Version] = []
        for commit in history.reversed() { versions.append(try version(at: commit.id)) }
        return versions
    }

    /// The oldest version of a line.
    ///
    /// - Throws: `notFound` if there is no such model, naming those there are.
    func firstVersion(of model: String) throws(LetheError) -> Version {
        let reference = try ReferenceName.model(model)
        if let first = try? find(.oldest, in: reference) { return first }
        guard let first = try versions(of: model).first else { throw try unknown(model: model) }
        return first
    }

    /// The requests that a version's line has honoured, oldest first.
    public func requests(of version: Version) throws(LetheError) -> [ForgetRequest] {
        if version.manifest.requests.isEmpty { return [] }
        let tree = try storage.lineage.tree(of: version.commit)
        var requests: [ForgetRequest] = []
        for id in version.manifest.requests {
            let path = VersionTree.requestPath(id)
            guard let file = tree.files[path] else { throw missing(path, of: version) }
            requests.append(try ForgetRequest.read(canonical: storage.lineage.read(file)))
        }
        return requests
    }

    /// A request that the index says a version's line has honoured.
    ///
    /// - Throws: `integrity` if the lineage does not say so, too.
    func request(_ id: String, at commit: CommitID) throws(LetheError) -> ForgetRequest {
        let path = try TreePath(VersionTree.requestPath(id))
        guard let bytes = try storage.lineage.readFile(path, at: commit) else {
            throw LetheError(
                code: .integrity, message: "The index knows \(id) but the lineage does not.",
                remedy: "Run lethe reindex, then lethe fsck.")
        }
        return try ForgetRequest.read(canonical: bytes)
    }

    /// The certificates of a version's line by their number, as bytes.
    public func certificates(of version: Version) throws(LetheError) -> [Int: [UInt8]] {
        var found: [Int: [UInt8]] = [:]
        for file in try storage.lineage.files(at: version.commit) {
            let prefix = ".lethe/certificates/"
            guard file.path.hasPrefix(prefix), file.path.hasSuffix(".json"),
                let number = Int(file.path.dropFirst(prefix.count).dropLast(5))
            else { continue }
            found[number] = try storage.lineage.read(file)
        }
        return found
    }

    /// The model names of this registry.
    public func models() throws(LetheError) -> [String] {
        try index.lines(prefix: "refs/heads/").map(\.name)
    }

    func required(_ path: String, of version: Version) throws(LetheError) -> [UInt8] {
        guard let bytes = try storage.lineage.readFile(TreePath(path), at: version.commit) else {
            throw missing(path, of: version)
        }
        return bytes
    }

    private func missing(_ path: String, of version: Version) -> LetheError {
        LetheError(
            code: .malformed, message: "\(version.name) has no \(path) in its lineage.",
            remedy: "Run lethe fsck.")
    }

    func unknown(model: String) throws(LetheError) -> LetheError {
        let names = try models()
        return LetheError(
            code: .notFound, message: "There is no model \"\(model)\" in this registry.",
            remedy: names.isEmpty
                ? "Publish one with lethe publish."
                : "The models here are: \(names.joined(separator: ", ")).")
    }
}
