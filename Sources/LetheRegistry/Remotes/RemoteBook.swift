internal import Foundation
public import LetheRecords
internal import LetheStorage

/// `remotes.json` of a registry: short names for the addresses of others.
///
/// It is of this machine and no part of the lineage; it holds no secret.
public struct RemoteBook: Record {
    /// The schema's name.
    public static let schemaName = "lethe.remotes.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The addresses by name.
    public var remotes: [String: String]
    /// Where the lineages of buckets are, by the same names; nil for none.
    public var lineages: [String: String]?

    /// Lists remotes.
    public init(remotes: [String: String] = [:], lineages: [String: String]? = nil) {
        self.remotes = remotes
        self.lineages = lineages
    }
}

extension Registry {
    /// The file of the remotes.
    public static let remotesName = "remotes.json"

    /// The registries that this one has names for.
    ///
    /// - Throws: `malformed`, `io`.
    public func remotes() throws(LetheError) -> RemoteBook {
        let url = storage.layout.root.appending(path: Self.remotesName)
        guard FileManager.default.fileExists(atPath: url.path) else { return RemoteBook() }
        return try RemoteBook.read(handwritten: storage.files.readFile(url))
    }

    /// Gives another registry a name; nothing is asked of it.
    ///
    /// - Throws: `alreadyExists`; `invalidArgument` or `refused` for the name or the address.
    public func addRemote(
        _ name: String, at text: String, lineage: String? = nil
    ) throws(LetheError) {
        try ReferenceName.validate(name, of: "remote")
        var book = try remotes()
        guard book.remotes[name] == nil else {
            throw LetheError(
                code: .alreadyExists, message: "There is a remote \(name) already.",
                remedy: "Choose another name, or remove it with lethe remote remove \(name).")
        }
        // A relative path would mean something else in the next folder.
        switch try RemoteAddress(text, lineage: lineage) {
        case .folder(let url): book.remotes[name] = url.path
        case .ssh, .server: book.remotes[name] = text
        case .bucket(let place):
            book.remotes[name] = text
            book.lineages = (book.lineages ?? [:]).merging([name: place.lineage.address]) { $1 }
        }
        try write(book)
    }

    /// Forgets the name of another registry; nothing there changes.
    ///
    /// - Throws: `notFound`.
    public func removeRemote(_ name: String) throws(LetheError) {
        var book = try remotes()
        guard book.remotes.removeValue(forKey: name) != nil else {
            throw LetheError(
                code: .notFound, message: "There is no remote \(name).",
                remedy: "See which there are with lethe remote list.")
        }
        book.lineages?[name] = nil
        if book.lineages?.isEmpty == true { book.lineages = nil }
        try write(book)
    }

    /// The address that a person means: that of a remote, or what they wrote.
    ///
    /// - Throws: as `RemoteAddress`.
    public func address(_ text: String) throws(LetheError) -> RemoteAddress {
        let book = try remotes()
        return try RemoteAddress(book.remotes[text] ?? text, lineage: book.lineages?[text])
    }

    private func write(_ book: RemoteBook) throws(LetheError) {
        try storage.requireWritable()
        try storage.files.replaceFile(
            storage.layout.root.appending(path: Self.remotesName), with: book.canonicalBytes())
    }
}
