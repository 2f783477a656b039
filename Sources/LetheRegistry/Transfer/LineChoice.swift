internal import LetheRecords
internal import LetheStorage

extension Lineage {
    /// The lines that travel when a person names these, in the order in which they must arrive: a
    /// model by its name, a dataset as `datasets/<name>`; none for all.
    ///
    /// Datasets come first, and decisions before the versions that they are about.
    func chosenLines(_ names: [String]) throws(LetheError) -> [ReferenceName] {
        let present = try lineNames()
        if names.isEmpty { return present }
        return try names.mapping { (name) throws(LetheError) in
            if name.hasPrefix("datasets/") {
                return [try ReferenceName.dataset(String(name.dropFirst("datasets/".count)))]
            }
            // What was erased must be known before the versions that lack it arrive.
            let erasure = try ReferenceName.erasure(of: name)
            return try (present.contains(erasure) ? [erasure] : []) + [ReferenceName.model(name)]
                + requests(about: name, among: present)
        }.flatMap { $0 }
    }

    /// The lines of requests to erase that are about a model.
    private func requests(
        about model: String, among present: [ReferenceName]
    ) throws(LetheError) -> [ReferenceName] {
        let path = try TreePath(CaseLine.openingPath)
        var found: [ReferenceName] = []
        for name in present where name.kind == .request {
            guard let tip = try target(of: name), let bytes = try readFile(path, at: tip) else {
                continue
            }
            // What else it may be is found when the line is copied, if it is about this model.
            if (try? ErasureCase.read(canonical: bytes))?.model == model { found.append(name) }
        }
        return found
    }
}
