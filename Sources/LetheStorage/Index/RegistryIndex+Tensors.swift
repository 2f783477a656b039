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
        var rest = try unreadFiles()[...]
        while !rest.isEmpty {
            let some = rest.prefix(1000)
            rest = rest.dropFirst(1000)
            let read = some.compactMap { line, file in
                self.tensors(file).map { PublishedTensors(line: line, file: file, tensors: $0) }
            }
            for one in read where !tensors.isDisjoint(with: one.tensors) { found.insert(one.line) }
            try? write { database in for one in read { try one.keep(in: database) } }
        }
        return found
    }

    private func unreadFiles() throws(LetheError) -> [(line: String, file: StoredFile)] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT reference, digest, size, assembly FROM published WHERE is_read = 0"
            ).compactMap { row in Self.storedFile(row).map { (row["reference"], $0) } }
        }
    }
}

/// What a recipe says of a file that a line published.
private struct PublishedTensors: Sendable {
    let line: String
    let file: StoredFile
    let tensors: [Digest]

    func keep(in database: Database) throws {
        let insert = try database.cachedStatement(sql: "INSERT OR IGNORE INTO parts VALUES (?, ?)")
        for tensor in tensors { try insert.execute(arguments: [tensor.firstEightBytes, line]) }
        try database.cachedStatement(
            sql: "UPDATE published SET is_read = 1 WHERE reference = ? AND digest = ?"
        ).execute(arguments: [line, file.digest.hex])
    }
}

extension Digest {
    /// The first eight bytes as a number, which SQLite keeps small.
    fileprivate var firstEightBytes: Int64 {
        Int64(bitPattern: UInt64(hex.prefix(16), radix: 16) ?? 0)
    }
}
