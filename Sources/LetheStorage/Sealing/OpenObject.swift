internal import LetheRecords

/// An object that is open for reading: what it holds, whether its file is encrypted or not.
final class OpenObject: Sendable {
    private let file: FileDescriptor
    private let encrypted: (form: EncryptedForm, cipher: ChunkCipher)?
    /// How long what it holds is.
    let sizeBytes: Int

    /// Takes an open file whose bytes are the object's.
    init(_ file: consuming FileDescriptor) throws(LetheError) {
        sizeBytes = try file.status().sizeBytes
        encrypted = nil
        self.file = file
    }

    /// Takes an open file that is encrypted.
    init(_ file: consuming FileDescriptor, _ form: EncryptedForm, key: ObjectKey) {
        sizeBytes = form.sizeBytes
        encrypted = (form, key.cipher(salt: form.salt))
        self.file = file
    }

    /// Whether its file does not have its bytes as they are.
    var isEncrypted: Bool { encrypted != nil }

    /// What the file system says of its file.
    func status() throws(LetheError) -> FileStatus { try file.status() }

    /// As `FileDescriptor.duplicate`, of the file.
    func duplicate() throws(LetheError) -> CInt { try file.duplicate() }

    /// Fills `buffer` from `offsetBytes`, short only at the end.
    ///
    /// - Throws: `io`; `integrity` for a chunk that was changed or moved.
    func read(into buffer: inout [UInt8], at offsetBytes: Int, count: Int) throws(LetheError) {
        guard let (form, cipher) = encrypted else {
            return try file.read(into: &buffer, at: offsetBytes, count: count)
        }
        buffer.removeAll(keepingCapacity: true)
        let wanted = offsetBytes..<max(offsetBytes, min(offsetBytes + count, sizeBytes))
        // Even of nothing there is a chunk to look at.
        guard !wanted.isEmpty || sizeBytes == 0 else { return }
        let chunks = form.chunks(of: wanted)
        let span = form.place(of: chunks)
        var stored: [UInt8] = []
        try file.read(into: &stored, at: span.lowerBound, count: span.count)
        guard stored.count == span.count else { throw EncryptedForm.cutOff(file.path) }
        for number in chunks {
            let place = form.place(of: number...number)
            let sealed = stored[
                (place.lowerBound - span.lowerBound)..<(place.upperBound - span.lowerBound)]
            let isLast = number == form.lastChunk
            guard let chunk = cipher.open(sealed, number: number, isLast: isLast) else {
                throw form.changed(number, file.path)
            }
            let start = number * EncryptedForm.chunkSizeBytes
            let part = (start..<(start + chunk.count)).clamped(to: wanted)
            buffer += chunk[(part.lowerBound - start)..<(part.upperBound - start)]
        }
    }
}
