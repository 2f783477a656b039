public import LetheRecords

/// What signed tombstones say is gone, so that its absence is no loss.
public struct ErasedContent: Sendable, Equatable {
    /// The objects.
    public var objects: Set<Digest>
    /// Files of erased versions, by the SHA-256 of the whole file.
    public var files: Set<Digest>

    /// Nothing unless named.
    public init(objects: Set<Digest> = [], files: Set<Digest> = []) {
        self.objects = objects
        self.files = files
    }
}

extension ObjectStore {
    /// Everything that files consist of, as far as their recipes are there: the recipes, what they
    /// name, and further recipes in the store that give the same files.
    ///
    /// - Throws: `io` if the store cannot be listed.
    public func closure(of files: [StoredFile]) throws(LetheError) -> [ErasedObject] {
        var found: [Digest: Int] = [:]
        for file in files { visit(file, depth: 0, &found) }
        let wholes = Dictionary(files.map { ($0.digest, $0.sizeBytes) }) { first, _ in first }
        for object in try objects(except: Set(found.keys)) {
            guard let recipe = object.recipe, let sizeBytes = wholes[recipe.file] else { continue }
            visit(
                StoredFile(digest: recipe.file, sizeBytes: sizeBytes, assembly: object.digest),
                depth: 0, &found)
        }
        return found.map { ErasedObject(digest: $0.key, sizeBytes: $0.value) }
            .sorted { $0.digest < $1.digest }
    }

    /// The objects that hold the tensors of a stored safetensors file, or the whole file where its
    /// recipe is gone: no recipes, and not the header, which many models have alike.
    public func tensorParts(of file: StoredFile) -> [ErasedObject] {
        knownTensorParts(of: file) ?? [ErasedObject(digest: file.digest, sizeBytes: file.sizeBytes)]
    }

    /// The same; nil where the recipe is gone.
    public func knownTensorParts(of file: StoredFile) -> [ErasedObject]? {
        guard let assembly = file.assembly else {
            return [ErasedObject(digest: file.digest, sizeBytes: file.sizeBytes)]
        }
        switch try? recipe(assembly) {
        case nil: return nil
        case .assembly(let recipe):
            return recipe.parts.filter { $0.offset > 0 }.map {
                ErasedObject(digest: $0.digest, sizeBytes: $0.length)
            }
        case .derivation(let recipe):
            // What the delta leaves alone is the base's; which part that is, only merging tells.
            return recipe.base.assembly == assembly ? [] : knownTensorParts(of: recipe.base)
        }
    }

    private func visit(_ file: StoredFile, depth: Int, _ found: inout [Digest: Int]) {
        guard let assembly = file.assembly else {
            found[file.digest] = file.sizeBytes
            return
        }
        guard depth <= DerivationRecipe.maximumDepth + 1 else { return }
        found[assembly] = sizeBytes(of: assembly) ?? 0
        switch try? recipe(assembly) {
        case nil: break
        case .assembly(let recipe):
            for part in recipe.parts { found[part.digest] = part.length }
        case .derivation(let recipe):
            visit(recipe.base, depth: depth + 1, &found)
            visit(recipe.delta, depth: depth + 1, &found)
        }
    }
}
