internal import LetheRecords

/// Writes the file of a new object, encrypted if there is a key.
struct ObjectWriter: ~Copyable {
    private let files: StoreFiles
    private let file: FileDescriptor
    private let cipher: ChunkCipher?
    /// What waits for its chunk to be full, or for the end; the header comes before the first.
    private var waiting: [UInt8] = []
    private var header: [UInt8] = []
    private var number = 0

    /// Makes the file; `salt` is 32 bytes that no other object has.
    init(
        _ path: String, key: ObjectKey?,
        salt: [UInt8] = ObjectKey.randomBytes(ObjectKey.sizesBytes.salt), files: StoreFiles
    ) throws(LetheError) {
        self.files = files
        file = try files.createFile(path, mode: 0o444)
        cipher = key?.cipher(salt: salt)
        if let key { header = EncryptedForm.header(key: key, salt: salt) }
    }

    /// Writes the next bytes.
    mutating func write(_ bytes: [UInt8]) throws(LetheError) {
        guard let cipher else { return try files.write(bytes, to: file) }
        waiting += bytes
        let size = EncryptedForm.chunkSizeBytes
        var sealed = header
        var start = 0
        // The last chunk is another one, so a full one waits until something follows it.
        while waiting.count - start > size {
            sealed += try cipher.seal(
                waiting[start..<(start + size)], number: number, isLast: false)
            number += 1
            start += size
        }
        if start == 0 { return }
        header = []
        waiting.removeFirst(start)
        try files.write(sealed, to: file)
    }

    /// Writes what is left; nothing may follow.
    mutating func finish() throws(LetheError) {
        guard let cipher else { return }
        let last = try cipher.seal(waiting[...], number: number, isLast: true)
        try files.write(header + last, to: file)
        waiting = []
    }

    /// As `FileDescriptor.startWriteback`.
    func startWriteback() { file.startWriteback() }
}
