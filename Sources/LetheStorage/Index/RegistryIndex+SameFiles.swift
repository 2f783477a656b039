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

    /// Every file with such a path that a published version of a model has, once for each line.
    ///
    /// - Parameter suffix: The end of the path.
    public func publishedFiles(
        endingIn suffix: String
    ) throws(LetheError) -> [(reference: ReferenceName, file: StoredFile)] {
        try catchUp()
        let rows = try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT files.reference, files.digest, files.size, files.assembly
                    FROM files WHERE substr(files.path, -length(?)) = ? AND EXISTS (
                        SELECT 1 FROM versions WHERE versions.reference = files.reference
                            AND versions.operation = 'publish'
                            AND versions.position BETWEEN files.first AND files.last)
                    """, arguments: [suffix, suffix]
            ).map { (name: $0["reference"] as String, file: RegistryIndex.storedFile($0)) }
        }
        return rows.compactMap { row in
            guard let reference = ReferenceName(row.name), reference.isModel, let file = row.file
            else { return nil }
            return (reference, file)
        }
    }
}
