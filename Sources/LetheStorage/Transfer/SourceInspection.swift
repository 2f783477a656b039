public import LetheRecords

/// Reads the objects of another registry, without keeping them, and compares each with its digest.
public struct SourceInspection {
    /// Objects whose digest was computed, and their bytes.
    public private(set) var tally = TransferTally()
    /// What is missing or has other bytes than its digest says, each once.
    public private(set) var faults: [(digest: Digest, error: LetheError)] = []

    private let source: TransferSource
    private var seen: Set<Digest> = []

    /// Prepares to read.
    public init(_ source: TransferSource) {
        self.source = source
    }

    /// Reads everything that a file is put together from and that was not read yet.
    ///
    /// - Throws: `io` if the way is cut off; what is wrong with an object is a fault.
    public mutating func inspect(_ file: StoredFile) throws(LetheError) {
        var waiting = [file]
        while let next = waiting.popLast() {
            guard let assembly = next.assembly else {
                try inspect(next.digest, sizeBytes: next.sizeBytes)
                continue
            }
            guard seen.insert(assembly).inserted else { continue }
            switch try recipe(assembly) {
            case nil: break
            case .assembly(let recipe):
                for part in recipe.parts { try inspect(part.digest, sizeBytes: part.length) }
            case .derivation(let recipe): waiting += [recipe.base, recipe.delta]
            }
        }
    }

    private mutating func recipe(_ digest: Digest) throws(LetheError) -> FileRecipe? {
        do throws(LetheError) {
            let bytes = try source.objects.read(digest, limitBytes: FileRecipe.maximumSizeBytes)
            count(bytes.count)
            return try FileRecipe(object: bytes)
        } catch {
            try note(digest, error)
            return nil
        }
    }

    private mutating func inspect(_ digest: Digest, sizeBytes: Int) throws(LetheError) {
        guard seen.insert(digest).inserted else { return }
        do throws(LetheError) {
            try source.objects.verify(digest, sizeBytes: sizeBytes) { (_) throws(LetheError) in }
            count(sizeBytes)
        } catch {
            try note(digest, error)
        }
    }

    private mutating func count(_ sizeBytes: Int) {
        tally.objectCount += 1
        tally.objectSizeBytes += sizeBytes
    }

    private mutating func note(_ digest: Digest, _ error: LetheError) throws(LetheError) {
        let isFault = [.integrity, .notFound, .malformed].contains(error.code)
        guard isFault else { throw error }
        faults.append((digest, error))
    }
}
