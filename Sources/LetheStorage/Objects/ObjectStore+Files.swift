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
        try stream(file, depth: 0, body)
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

    /// Holds everything that files consist of on behalf of a reader, if the registry can be written
    /// at all.
    public func leaseForReading(_ files: [StoredFile]) -> Lease? {
        let named = files.map { $0.assembly ?? $0.digest }
        guard let lease = leases.leaseForReading(named) else { return nil }
        // The recipes stay now; what they name is leased before it is read.
        var waiting = files.compactMap(\.assembly)
        while let digest = waiting.popLast() {
            guard let recipe = try? recipe(digest) else { continue }
            try? lease.take(recipe.needs)
            waiting += recipe.furtherRecipes
        }
        return lease
    }

    /// On how many derivations the file stands; 0 if it is stored as it is.
    ///
    /// - Throws: as `stream`.
    public func derivationDepth(of file: StoredFile) throws(LetheError) -> Int {
        var depth = 0
        var current = file
        while case .derivation(let recipe)? = try recipe(of: current) {
            depth += 1
            guard depth <= DerivationRecipe.maximumDepth else { throw tooDeep(file) }
            current = recipe.base
        }
        return depth
    }

    /// The recipe of a file; nil for a file that is one object.
    func recipe(of file: StoredFile) throws(LetheError) -> FileRecipe? {
        guard let assembly = file.assembly else { return nil }
        let recipe = try recipe(assembly)
        guard recipe.file == file.digest, recipe.sizeBytes == file.sizeBytes else {
            throw LetheError(
                code: .integrity,
                message: "The recipe \(assembly) is of another file than \(file.digest).",
                remedy: "Run lethe fsck.")
        }
        return recipe
    }

    private func stream(
        _ file: StoredFile, depth: Int, _ body: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        let recipe = try recipe(of: file)
        if case .assembly(let recipe)? = recipe {
            return try stream(recipe.parts, of: file, body)
        }
        var hasher = DigestHasher()
        var sizeBytes = 0
        let take = { (piece: [UInt8]) throws(LetheError) in
            sizeBytes += piece.count
            // A size that a record announces is a limit: never hand over more.
            guard sizeBytes <= file.sizeBytes else { throw mismatch(file) }
            hasher.update(piece)
            try body(piece)
        }
        if case .derivation(let recipe)? = recipe {
            try stream(recipe, depth: depth, take)
        } else {
            try stream(file.digest, take)
        }
        guard sizeBytes == file.sizeBytes, hasher.finalize() == file.digest else {
            throw mismatch(file)
        }
    }

    /// Hashes every part and the whole at once.
    private func stream(
        _ parts: [AssemblyRecipe.Part], of file: StoredFile,
        _ body: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        let whole = Stretch(file: file, parts: parts[...], before: HashState(), after: nil)
        var reader = StretchReader(whole, of: self)
        while let piece = try reader.next() {
            guard reader.hashWholeAndPart(piece) else { throw damaged(piece.part.digest) }
            try body(reader.bytes)
        }
        guard reader.isConfirmed else { throw mismatch(file) }
    }

    private func stream(
        _ recipe: DerivationRecipe, depth: Int, _ body: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        guard depth < DerivationRecipe.maximumDepth else { throw tooDeep(recipe.base) }
        guard recipe.delta.sizeBytes <= SafetensorsReading.limitBytes else {
            throw mismatch(recipe.delta)
        }
        var delta: [UInt8] = []
        // A delta that is itself derived would let a small record cause endless work.
        try stream(recipe.delta, depth: DerivationRecipe.maximumDepth) {
            (piece) throws(LetheError) in delta += piece
        }
        var merge = try MergeStream(
            LowRankDelta(SafetensorsReading(delta)), baseSizeBytes: recipe.base.sizeBytes)
        try stream(recipe.base, depth: depth + 1) { (piece) throws(LetheError) in
            try body(merge.consume(piece))
        }
        try merge.finish()
    }

    private func tooDeep(_ file: StoredFile) -> LetheError {
        LetheError(
            code: .integrity,
            message: "The file \(file.digest) stands on more than "
                + "\(DerivationRecipe.maximumDepth) derivations.",
            remedy: "Run lethe fsck.")
    }

    func mismatch(_ file: StoredFile) -> LetheError {
        LetheError(
            code: .integrity,
            message: "The parts of the file \(file.digest) do not give that file.",
            remedy: "Run lethe fsck to see which part is damaged.")
    }
}
