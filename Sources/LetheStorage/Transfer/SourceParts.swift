public import LetheRecords

extension ObjectSource {
    /// The objects that a file is put together from, each after what it needs, as the recipes here
    /// say.
    ///
    /// - Throws: `integrity` if a recipe is another file's or is damaged; what `read` throws.
    public func parts(of file: StoredFile) throws(LetheError) -> [ErasedObject] {
        var found: [ErasedObject] = []
        try collect(file, depth: 0, into: &found)
        return found
    }

    private func collect(
        _ file: StoredFile, depth: Int, into found: inout [ErasedObject]
    ) throws(LetheError) {
        guard let assembly = file.assembly else {
            found.append(ErasedObject(digest: file.digest, sizeBytes: file.sizeBytes))
            return
        }
        let bytes = try read(assembly, limitBytes: FileRecipe.maximumSizeBytes)
        let recipe = try FileRecipe(object: bytes)
        guard recipe.file == file.digest, recipe.sizeBytes == file.sizeBytes,
            depth <= DerivationRecipe.maximumDepth
        else {
            throw LetheError(
                code: .integrity,
                message: "The recipe \(assembly) in \(name) does not give the file "
                    + "\(file.digest).", remedy: "Run lethe fsck.")
        }
        switch recipe {
        case .assembly(let recipe):
            found += recipe.parts.map { ErasedObject(digest: $0.digest, sizeBytes: $0.length) }
        case .derivation(let recipe):
            try collect(recipe.base, depth: depth + 1, into: &found)
            try collect(recipe.delta, depth: depth + 1, into: &found)
        }
        found.append(ErasedObject(digest: assembly, sizeBytes: bytes.count))
    }
}
