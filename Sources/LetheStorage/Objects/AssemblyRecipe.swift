public import LetheRecords

/// How a stored file is put together from objects; itself an object, in canonical JSON.
public struct AssemblyRecipe: Record {
    /// The schema's name.
    public static let schemaName = "lethe.assembly.v1"
    /// The longest recipe that is read: room for two hundred thousand parts.
    public static let maximumSizeBytes = 32 << 20

    /// The schema's name, as written.
    public var schema = schemaName
    /// SHA-256 of the whole file.
    public var file: Digest
    /// The file's length in bytes.
    public var sizeBytes: Int
    /// The parts in order; they cover the file without holes.
    public var parts: [Part]

    /// A run of bytes of the file that is one object.
    public struct Part: Sendable, Hashable, Codable {
        /// Where the part begins in the file, in bytes.
        public var offset: Int
        /// The part's length in bytes.
        public var length: Int
        /// SHA-256 of the part.
        public var digest: Digest

        /// Names a part.
        public init(offset: Int, length: Int, digest: Digest) {
            self.offset = offset
            self.length = length
            self.digest = digest
        }
    }

    /// Describes a file by its parts; `validate` checks them.
    public init(file: Digest, sizeBytes: Int, parts: [Part]) {
        self.file = file
        self.sizeBytes = sizeBytes
        self.parts = parts
    }

    /// Reads a recipe from the bytes of an object.
    ///
    /// - Throws: `malformed`, `unsupported`, or `integrity` if the parts do not cover the file.
    public static func read(object bytes: [UInt8]) throws(LetheError) -> AssemblyRecipe {
        let recipe = try read(canonical: bytes)
        try recipe.validate()
        return recipe
    }

    /// Checks that the parts cover the file, in order, without holes or overlaps.
    ///
    /// - Throws: `integrity` naming the first part that does not fit.
    public func validate() throws(LetheError) {
        var end = 0
        for (number, part) in parts.enumerated() {
            let (next, overflow) = end.addingReportingOverflow(part.length)
            guard part.offset == end, part.length > 0, !overflow else {
                throw LetheError(
                    code: .integrity,
                    message: "Part \(number + 1) of the recipe of \(file) does not begin where "
                        + "the part before it ends.")
            }
            end = next
        }
        guard end == sizeBytes else {
            throw LetheError(
                code: .integrity,
                message: "The parts of \(file) have \(end) bytes; the file has \(sizeBytes).")
        }
    }
}
