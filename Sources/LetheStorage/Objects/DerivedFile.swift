public import Foundation
public import LetheRecords

extension RegistryStorage {
    /// Adds to a batch the file that merging a delta into a base gives, at the cost of a recipe.
    ///
    /// A base that already stands on `DerivationRecipe.maximumDepth` derivations is refused: it
    /// must be materialised (certified) first.
    ///
    /// - Parameters:
    ///   - base: A copy of the base's file, which is read and compared with `stored`.
    ///   - delta: The delta's file, and what it is in the store once the batch is durable.
    /// - Throws: `integrity` if the base is another file, `malformed` if the delta does not fit,
    ///   `invalidArgument` for a base that stands on too many derivations.
    public func putDerived(
        from base: URL, stored: StoredFile, delta: (url: URL, stored: StoredFile),
        in batch: ObjectBatch
    ) throws(LetheError) -> StoredFile {
        guard try objects.derivationDepth(of: stored) < DerivationRecipe.maximumDepth else {
            throw LetheError(
                code: .invalidArgument,
                message: "\(DerivationRecipe.maximumDepth) deltas in a row were never certified; "
                    + "another one would make reading too slow.",
                remedy: "Certify the newest version with lethe certify, then forget again.")
        }
        let merged = try DeltaMerge.identity(
            base: base, expecting: stored.digest, delta: delta.url)
        let recipe = DerivationRecipe(
            file: merged.digest, sizeBytes: merged.sizeBytes, function: DeltaMerge.name,
            base: stored, delta: delta.stored)
        return StoredFile(
            digest: merged.digest, sizeBytes: merged.sizeBytes,
            assembly: try batch.put(recipe.canonicalBytes()))
    }

    /// Adds to a batch, as ordinary objects, a stored file that is only derived from others; any
    /// other file is given back as it is.
    ///
    /// - Parameter folder: Where the file may be written meanwhile.
    /// - Throws: `integrity` if the recomputed file is not the recorded one; `io`, `diskFull`.
    public func materialise(
        _ file: StoredFile, named name: String, in batch: ObjectBatch, by folder: URL
    ) throws(LetheError) -> StoredFile {
        guard try objects.derivationDepth(of: file) > 0 else { return file }
        let url = folder.appending(path: name)
        try objects.materialise(file, to: url)
        let stored = try batch.putFile(url)
        guard stored.digest == file.digest else {
            throw LetheError(
                code: .integrity, message: "\(url.path) was changed while it was being stored.",
                remedy: "Run the same command again.")
        }
        return stored
    }
}
