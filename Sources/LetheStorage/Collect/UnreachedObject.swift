internal import LetheRecords

/// An object that no reference reaches.
struct UnreachedObject {
    let digest: Digest
    let path: String
    let status: FileStatus
    /// What it says if it is a recipe.
    let recipe: FileRecipe?

    /// How long ago it was written; negative if the clock went backwards since.
    func age(at now: Timestamp) -> Int {
        Int(now.secondsSince1970) - status.modifiedNanoseconds / 1_000_000_000
    }
}

extension ObjectStore {
    /// Every object that is not among those reached, in no order; files with other names are none.
    func objects(except reached: Set<Digest>) throws(LetheError) -> [UnreachedObject] {
        var found: [UnreachedObject] = []
        for prefix in FolderListing.names(in: folder) {
            for name in FolderListing.names(in: "\(folder)/\(prefix)") {
                guard let digest = Digest(hex: prefix + name), !reached.contains(digest) else {
                    continue
                }
                if let object = try unreached(digest) { found.append(object) }
            }
        }
        return found
    }

    private func unreached(_ digest: Digest) throws(LetheError) -> UnreachedObject? {
        let path = path(of: digest)
        guard let status = try FileStatus.of(path), status.isRegular else { return nil }
        // A damaged recipe names nothing that anybody could use.
        let recipe = try beginsAsRecipe(digest) ? try? recipe(digest) : nil
        return UnreachedObject(digest: digest, path: path, status: status, recipe: recipe)
    }

    /// How many objects there are and their bytes, as the file system tells.
    func tally(of digests: Set<Digest>) -> ObjectTally {
        digests.reduce(into: ObjectTally()) { tally, digest in
            if let sizeBytes = sizeBytes(of: digest) { tally.add(sizeBytes) }
        }
    }
}
