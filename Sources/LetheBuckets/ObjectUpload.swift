public import LetheRecords

internal import enum Crypto.Insecure

/// An object on its way into a bucket: in one piece if it is short, else in parts, of which those
/// that an interrupted upload has left there are not sent again.
///
/// Nothing appears under the key before all of it has arrived with the digest that it shall have,
/// and what is there is never written over.
public struct ObjectUpload {
    /// From this length on, in bytes, an object goes in parts of it; S3 takes at most 10 000.
    public static let partSizeBytes = 8 << 20
    private static let partLimit = 10_000

    private let bucket: Bucket
    private let key: String
    private let digest: Digest
    private let sizeBytes: Int
    private let partSizeBytes: Int
    private var id: String?
    /// The parts that are there by the upload that goes on.
    private var present: [Int: Part] = [:]
    private var tags: [String] = []
    private var waiting: [UInt8] = []
    private var hasher = DigestHasher()
    private var countBytes = 0
    /// How many parts were not sent, because an earlier upload had sent them.
    public private(set) var reusedCount = 0

    /// A part as the store lists it.
    private struct Part {
        let tag: String
        let sizeBytes: Int
    }

    /// Begins, or goes on with what was interrupted.
    public init(
        _ digest: Digest, sizeBytes: Int, under key: String, in bucket: Bucket
    ) async throws {
        self.bucket = bucket
        self.key = key
        self.digest = digest
        self.sizeBytes = sizeBytes
        // The same length is always cut in the same way.
        let least = (sizeBytes + Self.partLimit - 1) / Self.partLimit
        partSizeBytes = max(Self.partSizeBytes, ((least + (1 << 20) - 1) >> 20) << 20)
        guard sizeBytes > partSizeBytes else { return }
        if let found = try await bucket.unfinishedUpload(of: key) {
            id = found
            for (number, tag, sizeBytes) in try await bucket.parts(of: key, found) {
                present[number] = Part(tag: tag, sizeBytes: sizeBytes)
            }
        } else {
            id = try await bucket.beginUpload(of: key)
        }
    }

    /// Takes the next bytes.
    public mutating func add(_ bytes: [UInt8]) async throws {
        countBytes += bytes.count
        guard countBytes <= sizeBytes else { throw wrong() }
        hasher.update(bytes)
        waiting += bytes
        while id != nil, waiting.count >= partSizeBytes {
            try await send(Array(waiting.prefix(partSizeBytes)))
            waiting.removeFirst(partSizeBytes)
        }
    }

    /// Makes the object appear, if all of it has come.
    ///
    /// - Returns: false if somebody else has put it there meanwhile.
    /// - Throws: `integrity` if the bytes are others than announced; nothing appears then.
    public mutating func finish() async throws -> Bool {
        guard countBytes == sizeBytes, hasher.finalize() == digest else {
            if let id { try? await bucket.abandonUpload(of: key, id) }
            throw wrong()
        }
        guard let id else { return try await bucket.put(key, waiting) }
        if !waiting.isEmpty { try await send(waiting) }
        let isFirst = try await bucket.finishUpload(of: key, id, tags: tags)
        if !isFirst { try? await bucket.abandonUpload(of: key, id) }
        return isFirst
    }

    /// Sends a part, unless the same bytes are there: a store's tag of a part is its MD5, and where
    /// it is not, the part is sent again.
    private mutating func send(_ bytes: [UInt8]) async throws {
        guard let id else { return }
        let number = tags.count + 1
        let sum = Insecure.MD5.hash(data: bytes)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        if let part = present[number], part.sizeBytes == bytes.count,
            part.tag.filter({ $0 != "\"" }) == sum
        {
            reusedCount += 1
            tags.append(part.tag)
        } else {
            tags.append(try await bucket.sendPart(bytes, number: number, of: key, id))
        }
    }

    private func wrong() -> LetheError {
        LetheError(
            code: .integrity, message: "The bytes for \(digest) are not those of that digest.",
            remedy: "Run lethe fsck; nothing of them was kept.")
    }
}
