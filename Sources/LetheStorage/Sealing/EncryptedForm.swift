internal import LetheRecords

/// How an encrypted object lies in its file (docs/FORMAT.md, "Encrypted objects"): a header of 96
/// bytes, then chunks of 64 KiB, each 16 bytes longer than what it holds.
struct EncryptedForm: Equatable {
    static let magic = Array("lethe.object.v1\n".utf8)
    static let headerSizeBytes = 96
    static let chunkSizeBytes = 1 << 16
    private static let storedChunkSizeBytes = chunkSizeBytes + ChunkCipher.tagSizeBytes
    /// The header without the SHA-256 of what comes before it.
    private static let checkedSizeBytes = 64

    /// Which key it is encrypted with.
    let key: [UInt8]
    /// What its cipher is derived from; 32 random bytes.
    let salt: [UInt8]
    /// How long what it holds is.
    let sizeBytes: Int

    /// Takes the beginning and the length of a file.
    ///
    /// - Throws: `integrity` if no encrypted object begins like that or is of that length.
    init(header: [UInt8], fileSizeBytes: Int, path: String) throws(LetheError) {
        guard header.starts(with: Self.magic) else {
            throw Self.damaged(
                path, "is not encrypted, or its first \(Self.magic.count) bytes were changed")
        }
        guard header.count == Self.headerSizeBytes,
            let sizeBytes = Self.sizeBytes(ofFile: fileSizeBytes)
        else { throw Self.cutOff(path) }
        // So that a changed header is not taken for one that names another key.
        guard header[Self.checkedSizeBytes...].elementsEqual(Self.check(header)) else {
            throw Self.damaged(path, "has another header than it was written with")
        }
        let end = Self.magic.count + ObjectKey.sizesBytes.identifier
        key = Array(header[Self.magic.count..<end])
        salt = Array(header[end..<Self.checkedSizeBytes])
        self.sizeBytes = sizeBytes
    }

    /// The form of an open file in a registry that encrypts; nil if it begins as a recipe, which is
    /// not encrypted.
    ///
    /// - Throws: `integrity` if it is neither.
    static func of(_ file: borrowing FileDescriptor) throws(LetheError) -> EncryptedForm? {
        var header: [UInt8] = []
        try file.read(into: &header, at: 0, count: headerSizeBytes)
        if FileRecipe.mayBegin(with: header) { return nil }
        return try EncryptedForm(
            header: header, fileSizeBytes: file.status().sizeBytes, path: file.path)
    }

    /// The first bytes of a new object.
    static func header(key: ObjectKey, salt: [UInt8]) -> [UInt8] {
        let fields = magic + key.identifier + salt
        return fields + check(fields)
    }

    private static func check(_ header: [UInt8]) -> [UInt8] {
        Digest(hashing: Array(header.prefix(checkedSizeBytes))).bytes
    }

    /// The number of the last chunk; there is one even of nothing.
    var lastChunk: Int { max(0, (sizeBytes - 1) / Self.chunkSizeBytes) }

    /// The chunks that hold a run of bytes; the first one of an empty object.
    func chunks(of range: Range<Int>) -> ClosedRange<Int> {
        let first = range.lowerBound / Self.chunkSizeBytes
        return first...max(first, (range.upperBound - 1) / Self.chunkSizeBytes)
    }

    /// Where chunks lie in the file.
    func place(of chunks: ClosedRange<Int>) -> Range<Int> {
        let end = Self.headerSizeBytes + sizeBytes + (lastChunk + 1) * ChunkCipher.tagSizeBytes
        let start = Self.headerSizeBytes + chunks.lowerBound * Self.storedChunkSizeBytes
        return start..<min(start + chunks.count * Self.storedChunkSizeBytes, end)
    }

    private static func sizeBytes(ofFile fileSizeBytes: Int) -> Int? {
        let (whole, rest) = (fileSizeBytes - headerSizeBytes)
            .quotientAndRemainder(dividingBy: storedChunkSizeBytes)
        if rest == 0, whole > 0 { return whole * chunkSizeBytes }
        // Only nothing at all has a chunk that holds nothing.
        guard rest > ChunkCipher.tagSizeBytes || (rest == ChunkCipher.tagSizeBytes && whole == 0)
        else { return nil }
        return whole * chunkSizeBytes + rest - ChunkCipher.tagSizeBytes
    }
}

extension EncryptedForm {
    /// Says that a file ends where no encrypted object does.
    static func cutOff(_ path: String) -> LetheError {
        damaged(path, "was cut off or has grown")
    }

    /// Says that a chunk is not what was encrypted there.
    func changed(_ number: Int, _ path: String) -> LetheError {
        Self.damaged(
            path,
            "is not what was encrypted: piece \(number + 1) of \(lastChunk + 1) was changed, or comes "
                + "from another place or object")
    }

    private static func damaged(_ path: String, _ complaint: String) -> LetheError {
        LetheError(
            code: .integrity, message: "The object \(path) \(complaint).",
            remedy: "Run lethe fsck to see what needs it; remove the damaged object and publish "
                + "that file again.")
    }
}
