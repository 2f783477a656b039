internal import Foundation
public import LetheRecords

/// Where the bytes of objects come from when no folder of this machine has them.
///
/// It is not trusted: whoever asks counts and hashes what comes.
public protocol ObjectSource {
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
}

extension ObjectSource {
    /// Reads a whole object and verifies it.
    ///
    /// - Throws: `integrity` if other bytes come; `malformed` if more than `limitBytes` come.
    func read(_ digest: Digest, limitBytes: Int, of name: String) throws(LetheError) -> [UInt8] {
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
        guard Digest(hashing: bytes) == digest else { throw TransferSource.poisoned(digest, name) }
        return bytes
    }
}

/// Where a transfer takes lines from: a registry on this machine, or the texts and the lineage of
/// another one with a way to its objects.
public struct TransferSource {
    /// The lineage; the objects too, unless `objects` is there.
    public let storage: RegistryStorage
    /// Where the objects are, if not in `storage`.
    public let objects: (any ObjectSource)?
    /// What messages call it.
    public let name: String

    /// A registry on this machine.
    public init(_ storage: RegistryStorage) {
        self.storage = storage
        objects = nil
        name = storage.layout.root.path
    }

    /// A registry that is elsewhere.
    public init(_ storage: RegistryStorage, objects: any ObjectSource, name: String) {
        self.storage = storage
        self.objects = objects
        self.name = name
    }

    /// Whether it says that it has an object; its bytes are not looked at.
    ///
    /// - Throws: `io` if the way is cut off.
    public func contains(_ digest: Digest) throws(LetheError) -> Bool {
        guard let objects else { return storage.objects.contains(digest) }
        return try objects.contains(digest)
    }

    /// Hands over an object that is believed only when this returns.
    func stream(
        _ digest: Digest, _ take: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        guard let objects else { return try storage.objects.stream(digest, take) }
        try objects.stream(digest, take)
    }

    /// Reads a whole object and verifies it.
    func read(_ digest: Digest, limitBytes: Int) throws(LetheError) -> [UInt8] {
        guard let objects else { return try storage.objects.read(digest, limitBytes: limitBytes) }
        return try objects.read(digest, limitBytes: limitBytes, of: name)
    }

    static func poisoned(_ digest: Digest, _ name: String) -> LetheError {
        LetheError(
            code: .integrity,
            message: "\(name) gives bytes for \(digest) that are not those of that digest.",
            remedy: "It is damaged or lies; nothing of them was kept. Tell its operator, and take "
                + "the versions from elsewhere.")
    }
}
