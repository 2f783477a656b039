internal import GRDB
public import LetheRecords

/// The objects that a file's tensors are stored as; nil if its recipe is not there.
public typealias TensorReader = @Sendable (StoredFile) -> [Digest]?

extension RegistryIndex {
    /// The lines on which somebody may have published weights with one of these tensors.
    ///
    /// A line may be named that has none (digests are compared by their first eight bytes, and
    /// what was erased since is not taken out); none is left out whose recipes are in the store.
    ///
    /// - Parameter tensors: Digests of the objects that hold them.
    public func lines(
        thatPublishedAnyOf tensors: Set<Digest>
    ) throws(LetheError) -> Set<ReferenceName> {
        try catchUp()
        var names = try readPublishedRecipes(lookingFor: tensors)
        names.formUnion(
            try read { database in
                let statement = try database.cachedStatement(
                    sql: "SELECT reference FROM parts WHERE part = ?")
                return try tensors.reduce(into: Set<String>()) { found, tensor in
                    found.formUnion(
                        try String.fetchAll(statement, arguments: [tensor.firstEightBytes]))
                }
            })
        return Set(names.compactMap(ReferenceName.init).filter(\.isModel))
    }

    /// Reads the recipes of published weights that were not read yet and keeps their tensors.
    ///
    /// An index that cannot be written is of use all the same: what is read here is looked through
    /// on the way.
    ///
    /// - Returns: the lines of those files that have one of the tensors.
    @discardableResult
    func readPublishedRecipes(
        lookingFor tensors: Set<Digest> = []
    ) throws(LetheError) -> Set<String> {
        var found: Set<String> = []
        var last: PublishedFile?
        while true {
            let files = try unreadFiles(after: last)
            guard let end = files.last else { return found }
            last = end
            let batch = TensorBatch(reading: files, with: self.tensors)
            found.formUnion(batch.lines(withAnyOf: tensors))
            try? write(batch.keep)
        }
    }

    private func unreadFiles(after last: PublishedFile?) throws(LetheError) -> [PublishedFile] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT reference, digest, size, assembly FROM published
                    WHERE is_read = 0 AND (reference, digest) > (?, ?)
                    ORDER BY reference, digest LIMIT ?
                    """,
                arguments: [last?.line ?? "", last?.file.digest.hex ?? "", TensorBatch.fileLimit]
            ).compactMap { row in
                Self.storedFile(row).map { PublishedFile(line: row["reference"], file: $0) }
            }
        }
    }
}
