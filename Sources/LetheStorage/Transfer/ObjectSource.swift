public import LetheRecords

/// Where a transfer takes the bytes of objects from: the store of a registry on this machine, or a
/// way to one that is elsewhere.
///
/// It is not trusted: whoever asks counts and hashes what comes.
public protocol ObjectSource {
    /// What messages call it.
    var name: String { get }

    /// Hands over the bytes of an object piece by piece, in order.
    ///
    /// - Throws: `notFound` if it is not there; `io` if the way is cut off; what `take` throws.
    func stream(
        _ digest: Digest, _ take: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError)

    /// Whether it says that it has an object.
    ///
    /// - Throws: `io` if the way is cut off.
    func contains(_ digest: Digest) throws(LetheError) -> Bool

    /// Reads a whole object and verifies it.
    ///
    /// - Throws: `integrity` if other bytes come; `malformed` if more than `limitBytes` come.
    func read(_ digest: Digest, limitBytes: Int) throws(LetheError) -> [UInt8]

    /// Writes an object into a new file and verifies it.
    ///
    /// - Parameters:
    ///   - sizeBytes: The length that a record announces; anything else is refused.
    ///   - onPiece: Hears the bytes in order; nil if nobody needs them.
    /// - Throws: `integrity` if other bytes come, after which the file is worth nothing; what
    ///   `stream` throws.
    func write(
        _ digest: Digest, sizeBytes: Int, to path: String, by files: StoreFiles,
        onPiece: (([UInt8]) -> Void)?
    ) throws(LetheError)

    /// Holds what files consist of while they are taken, where somebody could remove it.
    func leaseForReading(_ files: [StoredFile]) -> Lease?

    /// Refuses a derived file that cannot be computed at all, before anything of it is taken.
    ///
    /// - Throws: `integrity`.
    func checkDerivation(of file: StoredFile) throws(LetheError)

    /// Computes a derived file from what lies here, which proves that its recipe gives it.
    ///
    /// - Returns: false if that can only be done where it arrives.
    /// - Throws: `integrity` if it gives something else.
    func compute(_ file: StoredFile) throws(LetheError) -> Bool
}

/// What a source does that can only hand over bytes.
extension ObjectSource {
    /// Collects what `stream` hands over.
    public func read(_ digest: Digest, limitBytes: Int) throws(LetheError) -> [UInt8] {
        var bytes: [UInt8] = []
        try stream(digest) { (piece) throws(LetheError) in
            guard bytes.count + piece.count <= limitBytes else {
                throw LetheError(
                    code: .malformed,
                    message: "\(name) sends more than \(limitBytes) bytes for \(digest).",
                    remedy: "Tell its operator; nothing was kept.")
            }
            bytes += piece
        }
        guard Digest(hashing: bytes) == digest else { throw poisoned(digest) }
        return bytes
    }

    /// Writes what `stream` hands over.
    public func write(
        _ digest: Digest, sizeBytes: Int, to path: String, by files: StoreFiles,
        onPiece: (([UInt8]) -> Void)?
    ) throws(LetheError) {
        let file = try files.createFile(path, mode: 0o444)
        try verify(digest, sizeBytes: sizeBytes) { (piece) throws(LetheError) in
            try files.write(piece, to: file)
            onPiece?(piece)
        }
    }

    /// Nobody else is asked to keep anything.
    public func leaseForReading(_ files: [StoredFile]) -> Lease? { nil }

    /// Whoever takes finds it out.
    public func checkDerivation(of file: StoredFile) throws(LetheError) {}

    /// Nothing is computed elsewhere.
    public func compute(_ file: StoredFile) throws(LetheError) -> Bool { false }

    /// Hands over an object and verifies it when all of it has come.
    ///
    /// - Throws: `integrity` if its length or digest is another; what `stream` throws.
    func verify(
        _ digest: Digest, sizeBytes: Int, _ take: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        var hasher = DigestHasher()
        var count = 0
        try stream(digest) { (piece) throws(LetheError) in
            count += piece.count
            guard count <= sizeBytes else { throw poisoned(digest) }
            hasher.update(piece)
            try take(piece)
        }
        guard count == sizeBytes, hasher.finalize() == digest else { throw poisoned(digest) }
    }

    func poisoned(_ digest: Digest) -> LetheError {
        LetheError(
            code: .integrity,
            message: "\(name) gives bytes for \(digest) that are not those of that digest.",
            remedy: "It is damaged or lies; nothing of them was kept. Tell its operator, and take "
                + "the versions from elsewhere.")
    }
}
