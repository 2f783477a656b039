public import Foundation
public import LetheRecords

/// Immutable bytes named by their SHA-256, in `objects/sha256/ab/cd…`.
///
/// The name is a claim, not a proof: every read hashes what it reads and compares.
public struct ObjectStore: Sendable {
    /// Bytes are read and written in pieces of this size, which a core keeps in its cache.
    static let pieceSizeBytes = 1 << 18

    let folder: String
    let temporary: String
    let states: String
    let files: StoreFiles
    let limits: SegmentLimits
    /// What running writers and readers rely on.
    public let leases: Leases
    /// What was hashed on its way to somebody and is sent unread from then on.
    let verified: VerifiedObjects
    /// The keys of a registry that encrypts; nil in others, whose objects are files as they are.
    var vault: ObjectVault?
    /// The lock file of those who use or retire keys.
    let keyLock: String

    /// Opens the store of a registry; `files` is where tests inject failures.
    public init(_ layout: RegistryLayout, files: StoreFiles = StoreFiles()) {
        self.init(layout, files: files, limits: SegmentLimits())
    }

    init(
        _ layout: RegistryLayout, files: StoreFiles, limits: SegmentLimits,
        verified: VerifiedObjects = VerifiedObjects()
    ) {
        self.verified = verified
        folder = layout.objects.path
        temporary = layout.temporary.path
        states = layout.states.path
        self.files = files
        self.limits = limits
        leases = Leases(layout, files: files)
        keyLock = layout.locks.appending(path: "object-keys").path
    }

    /// Where the bytes of a digest lie, if they are there.
    public func url(of digest: Digest) -> URL { URL(fileURLWithPath: path(of: digest)) }

    func folder(of digest: Digest) -> String { "\(folder)/\(digest.hex.prefix(2))" }

    func path(of digest: Digest) -> String {
        "\(folder(of: digest))/\(digest.hex.dropFirst(2))"
    }

    /// Whether there is an object of that name; its bytes are not checked.
    public func contains(_ digest: Digest) -> Bool {
        sizeBytes(of: digest) != nil
    }

    /// The length in bytes of an object; nil if there is none.
    public func sizeBytes(of digest: Digest) -> Int? {
        guard let status = try? FileStatus.of(path(of: digest)), status.isRegular else {
            return nil
        }
        if vault != nil, let form = try? form(of: digest) { return form.sizeBytes }
        return status.sizeBytes
    }

    /// Starts a group of objects that become durable together.
    ///
    /// - Parameter line: With whose key new objects are encrypted, in a registry that encrypts.
    public func batch(of line: String? = nil) -> ObjectBatch {
        let batch = ObjectBatch(self)
        batch.line = line
        return batch
    }

    /// Stores bytes durably.
    ///
    /// - Returns: their digest.
    @discardableResult
    public func put(_ bytes: [UInt8]) throws(LetheError) -> Digest {
        let batch = batch()
        let digest = try batch.put(bytes)
        try batch.makeDurable()
        return digest
    }

    /// Stores bytes durably under the name that the caller expects.
    ///
    /// - Throws: `integrity` if the bytes have another digest; nothing is stored then.
    public func put(_ bytes: [UInt8], expecting digest: Digest) throws(LetheError) {
        let batch = batch()
        try batch.put(bytes, expecting: digest)
        try batch.makeDurable()
    }

    /// Reads a whole object and verifies it.
    ///
    /// - Throws: `notFound`; `integrity` if the bytes do not match the name; `malformed` if it is
    ///   longer than `limitBytes`.
    public func read(
        _ digest: Digest, limitBytes: Int = 64 << 20
    ) throws(LetheError) -> [UInt8] {
        let file = try open(digest)
        let sizeBytes = file.sizeBytes
        guard sizeBytes <= limitBytes else {
            throw LetheError(
                code: .malformed,
                message: "The object \(digest) has \(sizeBytes) bytes; at most \(limitBytes) are "
                    + "allowed here.")
        }
        var bytes: [UInt8] = []
        try file.read(into: &bytes, at: 0, count: sizeBytes)
        guard Digest(hashing: bytes) == digest else { throw damaged(digest) }
        return bytes
    }

    /// Hands over an object piece by piece, in order, and verifies it at the end.
    ///
    /// The pieces come before the verdict: do not rely on them until this returns.
    ///
    /// - Throws: `notFound`; `integrity` if the bytes do not match the name; what `body` throws.
    public func stream(
        _ digest: Digest, _ body: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        guard try Self.isWhole(open(digest), digest, body) else { throw damaged(digest) }
    }

    /// Hands over a file that is not in a store yet, or no longer, piece by piece.
    ///
    /// - Throws: `integrity` if the bytes do not have that digest; what `body` throws.
    static func stream(
        _ digest: Digest, at path: String, _ body: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        guard try isWhole(OpenObject(FileDescriptor.reading(path)), digest, body) else {
            throw LetheError(
                code: .integrity, message: "\(path) does not have the digest \(digest).",
                remedy: "Run lethe fsck.")
        }
    }

    /// Whether an object has a digest; hands over its bytes before that is known.
    static func isWhole(
        _ file: OpenObject, _ digest: Digest,
        _ body: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) -> Bool {
        var hasher = DigestHasher()
        var piece: [UInt8] = []
        let sizeBytes = file.sizeBytes
        var offset = 0
        var isAtEnd = false
        while !isAtEnd {
            // One byte more than there should be shows a file that grew; a small object does not
            // cost a large buffer.
            let count = min(pieceSizeBytes, max(sizeBytes - offset, 0) + 1)
            try file.read(into: &piece, at: offset, count: count)
            hasher.update(piece)
            offset += piece.count
            isAtEnd = piece.count < count
            if !piece.isEmpty { try body(piece) }
        }
        return hasher.finalize() == digest
    }

    func open(_ digest: Digest) throws(LetheError) -> OpenObject {
        do throws(LetheError) {
            return try openFile(digest)
        } catch  where error.code == .keyMissing {
            // Its key may have been retired between the look at its header and that for the key.
            return try openFile(digest)
        } catch  where error.code == .notFound {
            throw LetheError(
                code: .notFound, message: "The object \(digest) is not in the store.",
                remedy: "Run lethe fsck to see what needs it, and publish that file again.")
        }
    }

    private func openFile(_ digest: Digest) throws(LetheError) -> OpenObject {
        let file = try FileDescriptor.reading(path(of: digest))
        guard let vault, let form = try EncryptedForm.of(file) else { return try OpenObject(file) }
        return OpenObject(file, form, key: try vault.key(form.key, of: digest))
    }

    func damaged(_ digest: Digest) -> LetheError {
        let isCiphertext = ((try? form(of: digest)) ?? nil) != nil
        return LetheError(
            code: .integrity,
            message: isCiphertext
                ? "The object \(path(of: digest)) is another one: every piece of it is as it was "
                    + "encrypted, but together they do not have the SHA-256 that its name says."
                : "The object \(path(of: digest)) is damaged: its bytes do not have the "
                    + "SHA-256 that its name says.",
            remedy: "Run lethe fsck to see what needs it; remove the damaged object and publish "
                + "that file again.")
    }
}
