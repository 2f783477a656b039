internal import Foundation
internal import HTTPTypes
internal import LetheRecords
internal import LetheRegistry
internal import Synchronization

/// What clients are sending: `uploads/<id>/` has the plan and the parts that arrived.
///
/// A part is `<digest>.partial` until it is whole and has its digest. Nothing of this is in the
/// registry before a job publishes it.
final class UploadBook: Sendable {
    /// How many uploads one token may have at once.
    static let limitPerToken = 4
    /// After how long an upload that nobody goes on with is removed.
    static let keptSeconds: TimeInterval = 7 * 24 * 3600

    private let registry: Registry
    /// One part at a time grows, so that two clients cannot mix their bytes.
    private let writing = Mutex(())

    init(_ registry: Registry) { self.registry = registry }

    private func folder(_ id: String) -> URL {
        registry.folder.appending(path: "server/uploads/\(id)")
    }

    private static func isID(_ text: String) -> Bool {
        text.utf8.count == 34 && text.hasPrefix("u-")
            && text.utf8.dropFirst(2).allSatisfy { "0123456789abcdef".utf8.contains($0) }
    }

    /// Takes an announcement; the same one again is the same upload.
    func begin(_ upload: Upload) throws -> (upload: Upload, isNew: Bool) {
        let folder = try registry.serverFolder().folder("uploads")
        return try writing.withLock { _ in
            if let known = find(upload.id, of: upload.model, token: upload.token) {
                return (known, false)
            }
            let names =
                (try? FileManager.default.contentsOfDirectory(atPath: folder.url.path)) ?? []
            let open = names.compactMap(read).count { $0.token == upload.token }
            guard open < Self.limitPerToken else {
                throw Failure.own(
                    .tooManyRequests, .refused, "This token has \(open) uploads already.",
                    "Publish or delete one of them.")
            }
            let plan = try JSONEncoder().encode(upload)
            try folder.folder(upload.id).write([UInt8](plan), to: "upload.json")
            return (upload, true)
        }
    }

    private func read(_ id: String) -> Upload? {
        guard Self.isID(id),
            let data = try? Data(contentsOf: folder(id).appending(path: "upload.json"))
        else { return nil }
        return try? JSONDecoder().decode(Upload.self, from: data)
    }

    /// An upload of a model that a token began.
    func find(_ id: String, of model: String, token: String) -> Upload? {
        guard let upload = read(id), upload.model == model, upload.token == token else {
            return nil
        }
        return upload
    }

    /// The parts that are still to be sent, and how much of each is there.
    func lacking(_ id: String, of model: String) throws -> [(part: Upload.Part, offset: Int)] {
        guard let upload = read(id) else { return [] }
        let held = try registry.heldParts(of: model)
        var seen: Set<Digest> = []
        return upload.files.flatMap(\.parts).filter { part in
            seen.insert(part.digest).inserted && held[part.digest] != part.length
                && size(of: whole(part.digest, id)) != part.length
        }.map { ($0, size(of: partial($0.digest, id)) ?? 0) }
    }

    private func whole(_ digest: Digest, _ id: String) -> URL {
        folder(id).appending(path: digest.hex)
    }

    private func partial(_ digest: Digest, _ id: String) -> URL {
        folder(id).appending(path: "\(digest.hex).partial")
    }

    private func size(of url: URL) -> Int? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
        return (attributes?[.size] as? NSNumber)?.intValue
    }

    /// How much of a part has arrived.
    func offset(of part: Upload.Part, in id: String) -> Int {
        size(of: whole(part.digest, id)) ?? size(of: partial(part.digest, id)) ?? 0
    }

    /// Adds bytes to the end of a part; a part that is whole is compared with its digest.
    ///
    /// - Returns: how much of it is there now.
    /// - Throws: `Failure` if the bytes do not go on where the part ends, are more than was
    ///   announced, or the whole has another digest; then none of it is kept.
    func append(_ bytes: [UInt8], at offset: Int, to part: Upload.Part, in id: String) throws -> Int
    {
        try writing.withLock { _ in
            let there = self.offset(of: part, in: id)
            // What was sent before is not written again.
            if there == part.length { return there }
            guard offset == there else { throw Self.elsewhere(there) }
            guard bytes.count <= part.length - there else {
                throw Failure.own(
                    .contentTooLarge, .invalidArgument,
                    "The part was announced with \(part.length) bytes.")
            }
            let url = partial(part.digest, id)
            if there == 0 { try Data().write(to: url) }
            let handle = try FileHandle(forWritingTo: url)
            defer { try? handle.close() }
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(bytes))
            guard there + bytes.count == part.length else { return there + bytes.count }
            try handle.synchronize()
            try finish(part, at: url, in: id)
            return part.length
        }
    }

    private static func elsewhere(_ offset: Int) -> Failure {
        .own(
            .conflict, .conflict, "The part goes on at byte \(offset).",
            "Ask for it with HEAD, and send from there.", headers: [.uploadOffset: "\(offset)"])
    }

    private func finish(_ part: Upload.Part, at url: URL, in id: String) throws {
        var hasher = DigestHasher()
        try Self.read(url) { hasher.update($0) }
        guard hasher.finalize() == part.digest else {
            try FileManager.default.removeItem(at: url)
            throw Failure.own(
                .unprocessableContent, .integrity,
                "The bytes do not have the digest \(part.digest).", "Nothing of them was kept.")
        }
        try FileManager.default.moveItem(at: url, to: whole(part.digest, id))
    }

    private static func read(_ url: URL, _ body: ([UInt8]) throws -> Void) throws {
        let handle = try FileHandle(forReadingFrom: url)
        defer { try? handle.close() }
        while let data = try handle.read(upToCount: 1 << 20), !data.isEmpty {
            try body([UInt8](data))
        }
    }

    /// Puts the files together in a new folder; every part and every file is hashed.
    ///
    /// - Throws: `malformed` if the parts give another file than was announced, `integrity` for a
    ///   damaged part, `notFound` for one that is not there any more, `io`.
    func assemble(_ id: String, of model: String, into target: URL) throws {
        guard let upload = read(id), upload.model == model else {
            throw LetheError(code: .notFound, message: "The upload is not there any more.")
        }
        let manager = FileManager.default
        try manager.createDirectory(
            at: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let held = try registry.heldParts(of: model)
        for file in upload.files {
            let url = target.appending(path: file.path)
            _ = manager.createFile(atPath: url.path, contents: nil)
            let handle = try FileHandle(forWritingTo: url)
            defer { try? handle.close() }
            var hasher = DigestHasher()
            for part in file.parts {
                try bytes(of: part, id, held: held) { piece in
                    hasher.update(piece)
                    try handle.write(contentsOf: Data(piece))
                }
            }
            guard hasher.finalize() == file.digest else {
                // Whoever announced the file was wrong; every part is what it says.
                throw LetheError(
                    code: .malformed,
                    message: "The parts of \(file.path) do not give the file \(file.digest).",
                    remedy: "Nothing was published. Announce the file with its own parts.")
            }
        }
    }

    private func bytes(
        of part: Upload.Part, _ id: String, held: [Digest: Int], _ body: ([UInt8]) throws -> Void
    ) throws {
        let url = whole(part.digest, id)
        if size(of: url) == part.length {
            var hasher = DigestHasher()
            try Self.read(url) { piece in
                hasher.update(piece)
                try body(piece)
            }
            guard hasher.finalize() == part.digest else {
                throw LetheError(code: .integrity, message: "An uploaded part was damaged.")
            }
            return
        }
        guard held[part.digest] == part.length else {
            throw LetheError(
                code: .notFound, message: "The part \(part.digest) is not here any more.",
                remedy: "Ask again what is lacking, and send it.")
        }
        var failure: (any Error)?
        try registry.readPart(part.digest) { (piece) throws(LetheError) in
            do { try body(piece) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    /// Forgets an upload.
    func remove(_ id: String) {
        guard Self.isID(id) else { return }
        writing.withLock { _ in try? FileManager.default.removeItem(at: folder(id)) }
    }

    /// Removes uploads that nobody goes on with.
    func removeOld() {
        let root = registry.folder.appending(path: "server/uploads")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        for name in names where Self.isID(name) {
            let path = folder(name).path
            let changed = try? FileManager.default.attributesOfItem(atPath: path)
            let date = changed?[.modificationDate] as? Date ?? .distantPast
            if date.timeIntervalSinceNow < -Self.keptSeconds { remove(name) }
        }
    }
}
