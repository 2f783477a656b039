public import LetheRecords

extension ObjectStore {
    /// Hands over a stored file piece by piece, in order, and verifies every part and the whole.
    ///
    /// The pieces come before the verdict: do not rely on them until this returns.
    ///
    /// - Throws: `notFound`; `integrity` if a part, the recipe or the whole does not match; what
    ///   `body` throws.
    public func stream(
        _ file: StoredFile, _ body: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        var hasher = DigestHasher()
        var sizeBytes = 0
        for part in try parts(of: file) {
            var partSizeBytes = 0
            try stream(part.digest) { (piece) throws(LetheError) in
                partSizeBytes += piece.count
                // A size that a record announces is a limit: never hand over more.
                guard partSizeBytes <= part.length else { throw mismatch(file) }
                hasher.update(piece)
                try body(piece)
            }
            guard partSizeBytes == part.length else { throw mismatch(file) }
            sizeBytes += partSizeBytes
        }
        guard sizeBytes == file.sizeBytes, hasher.finalize() == file.digest else {
            throw mismatch(file)
        }
    }

    /// Reads a whole stored file into memory and verifies it.
    ///
    /// - Throws: as `stream`; `malformed` if it is longer than `limitBytes`.
    public func read(
        _ file: StoredFile, limitBytes: Int = 64 << 20
    ) throws(LetheError) -> [UInt8] {
        guard file.sizeBytes <= limitBytes else {
            throw LetheError(
                code: .malformed,
                message: "The file \(file.digest) has \(file.sizeBytes) bytes; at most "
                    + "\(limitBytes) are allowed here.")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(file.sizeBytes)
        try stream(file) { (piece) throws(LetheError) in bytes += piece }
        return bytes
    }

    /// The parts of a file in order; a file that is one object is its own only part.
    func parts(of file: StoredFile) throws(LetheError) -> [AssemblyRecipe.Part] {
        guard let assembly = file.assembly else {
            return [AssemblyRecipe.Part(offset: 0, length: file.sizeBytes, digest: file.digest)]
        }
        let recipe = try AssemblyRecipe.read(
            object: read(assembly, limitBytes: AssemblyRecipe.maximumSizeBytes))
        guard recipe.file == file.digest, recipe.sizeBytes == file.sizeBytes else {
            throw LetheError(
                code: .integrity,
                message: "The recipe \(assembly) is of another file than \(file.digest).",
                remedy: "Run lethe fsck.")
        }
        return recipe.parts
    }

    func mismatch(_ file: StoredFile) -> LetheError {
        LetheError(
            code: .integrity,
            message: "The parts of the file \(file.digest) do not give that file.",
            remedy: "Run lethe fsck to see which part is damaged.")
    }
}
