public import Foundation
public import LetheRecords

/// The object keys beside a registry's other private keys: `objects/<line>.<n>.key`, one file of 64
/// hexadecimal digits for each, readable by its owner only.
///
/// `objects/<line>.<n>.destroyed` says which key was there; it tells nothing about it.
public struct ObjectKeyFolder: Sendable {
    /// The folder; it need not exist.
    public let url: URL

    /// One key of a line.
    public struct LineKey: Sendable {
        /// The line that it is for.
        public let line: String
        /// Counted from 1; the highest is the newest.
        public let number: Int
        /// The key.
        public let key: ObjectKey
    }

    /// Names the folder of object keys in a folder of private keys.
    public init(in keys: URL) {
        url = keys.appending(path: "objects")
    }

    /// Every key, by line and number.
    ///
    /// - Throws: `refused` for a key that others can read, `malformed`, `io`.
    public func keys() throws(LetheError) -> [LineKey] { try keys(named: names(ending: "key")) }

    /// The keys of a line, oldest first.
    ///
    /// - Throws: as `keys`.
    public func keys(of line: String) throws(LetheError) -> [LineKey] {
        try keys(named: names(ending: "key").filter { $0.line == line })
    }

    private func keys(named names: [Name]) throws(LetheError) -> [LineKey] {
        var found: [LineKey] = []
        for name in names {
            if let bytes = try bytes(of: name) {
                found.append(
                    LineKey(line: name.line, number: name.number, key: try ObjectKey(bytes: bytes)))
            } else if !exists(name, "destroyed") {
                throw LetheError(
                    code: .malformed, message: "\(file(name, "key").path) is no object key.",
                    remedy: "It holds 64 hexadecimal digits; restore it from your backup.")
            }
        }
        return found
    }

    /// Makes the next key of a line.
    ///
    /// - Throws: `io`, `alreadyExists` if another process was first.
    public func make(for line: String) throws(LetheError) -> LineKey {
        let used = (names(ending: "key") + names(ending: "destroyed")).filter { $0.line == line }
        let name = Name(line: line, number: (used.map(\.number).max() ?? 0) + 1)
        let bytes = ObjectKey.randomBytes(ObjectKey.sizesBytes.key)
        let temporary = url.appending(path: ".new-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try PrivateFile.create(temporary, text: Hex.encode(bytes) + "\n")
            defer { try? FileManager.default.removeItem(at: temporary) }
            // A link, because a name must never stand for half a key or replace another one.
            try FileManager.default.linkItem(at: temporary, to: file(name, "key"))
        } catch {
            throw LetheError(
                code: FileManager.default.fileExists(atPath: file(name, "key").path)
                    ? .alreadyExists : .io,
                message: "The object key \(file(name, "key").path) cannot be made.",
                remedy: "Run the same command again, as a user who may write there.", cause: error)
        }
        // Nothing may be encrypted with a key that a power cut takes.
        try PrivateFile.syncFolder(url)
        try PrivateFile.syncFolder(url.deletingLastPathComponent())
        return LineKey(line: line, number: name.number, key: try ObjectKey(bytes: bytes))
    }

    /// Destroys a key: its file is filled with zeros and removed, its fingerprint stays.
    ///
    /// - Throws: `io`.
    public func destroy(_ key: LineKey) throws(LetheError) {
        let name = Name(line: key.line, number: key.number)
        if !exists(name, "destroyed") {
            try PrivateFile.create(file(name, "destroyed"), text: key.key.fingerprint + "\n")
        }
        // Whoever is stopped after this leaves zeros, and a note that says what they are.
        try PrivateFile.syncFolder(url)
        try PrivateFile.destroy(file(name, "key"))
        try PrivateFile.syncFolder(url)
    }

    /// The fingerprints of the keys that were destroyed, sorted.
    ///
    /// - Throws: `io`, `refused`.
    public func destroyed() throws(LetheError) -> [String] {
        var found: [String] = []
        for name in names(ending: "destroyed") {
            // One that was stopped in between has left zeros.
            if exists(name, "key"), try bytes(of: name) != nil { continue }
            found.append(try PrivateFile.read(file(name, "destroyed")).trimmed)
        }
        return found.sorted()
    }

    private struct Name {
        let line: String
        let number: Int
    }

    /// What is in the file of a key; nil if it is none.
    private func bytes(of name: Name) throws(LetheError) -> [UInt8]? {
        do throws(LetheError) {
            let bytes = Hex.decode(try PrivateFile.read(file(name, "key")).trimmed)
            return bytes?.count == ObjectKey.sizesBytes.key ? bytes : nil
        } catch {
            // Another process may have destroyed it since it was listed.
            guard exists(name, "destroyed"), !exists(name, "key") else { throw error }
            return nil
        }
    }

    private func exists(_ name: Name, _ ending: String) -> Bool {
        FileManager.default.fileExists(atPath: file(name, ending).path)
    }

    private func file(_ name: Name, _ ending: String) -> URL {
        url.appending(path: "\(name.line).\(name.number).\(ending)")
    }

    private func names(ending: String) -> [Name] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.sorted().compactMap { name in
            guard name.hasSuffix(".\(ending)"), !name.hasPrefix(".") else { return nil }
            let stem = name.dropLast(ending.count + 1)
            guard let dot = stem.lastIndex(of: "."),
                let number = Int(stem[stem.index(after: dot)...]),
                number > 0
            else { return nil }
            return Name(line: String(stem[..<dot]), number: number)
        }.sorted { ($0.line, $0.number) < ($1.line, $1.number) }
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
