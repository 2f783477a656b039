internal import GRDB
public import LetheRecords

extension RegistryIndex {
    /// Every version of every model that has one of these files, by the SHA-256 of the whole file.
    public func versions(
        withAnyOf files: Set<Digest>
    ) throws(LetheError) -> [(reference: ReferenceName, number: Int, file: Digest)] {
        try catchUp()
        let digests = files.map(\.hex).sorted()
        let rows = try read { database in
            try digests.flatMap { digest in
                try Row.fetchAll(
                    database,
                    sql: """
                        SELECT DISTINCT files.reference, versions.number, files.digest
                        FROM files JOIN versions ON versions.reference = files.reference
                            AND versions.position BETWEEN files.first AND files.last
                        WHERE files.digest = ? ORDER BY files.reference, versions.number
                        """, arguments: [digest]
                ).map { row -> (String, Int, String) in (row[0], row[1], row[2]) }
            }
        }
        return rows.compactMap { name, number, digest in
            guard let reference = ReferenceName(name), reference.isModel,
                let file = Digest(hex: digest)
            else { return nil }
            return (reference, number, file)
        }
    }

    /// Every version of every model that is an adapter of one of these weights files, line by line.
    public func adapters(ofAnyOf weights: Set<Digest>) throws(LetheError) -> [IndexedVersion] {
        try catchUp()
        var found: [IndexedVersion] = []
        for digest in weights.map(\.hex).sorted() {
            found += try versions(where: "base = ?", [digest])
        }
        return found.filter(\.reference.isModel)
    }
}
