public import LetheRecords

/// How a stored file follows from two others; itself an object, in canonical JSON.
///
/// A version that nobody certified yet costs its delta, not its weights: the file is computed from
/// the base and the delta whenever it is read, and compared with the digest recorded here.
public struct DerivationRecipe: Record {
    /// The schema's name.
    public static let schemaName = "lethe.derivation.v1"
    /// The longest recipe that is read.
    public static let maximumSizeBytes = 4 << 10
    /// How many derivations may stand on each other: each makes reading slower.
    public static let maximumDepth = 16

    /// The schema's name, as written.
    public var schema = schemaName
    /// SHA-256 of the whole file.
    public var file: Digest
    /// The file's length in bytes.
    public var sizeBytes: Int
    /// The name of the function: `lethe.merge.v1`.
    public var function: String
    /// What the delta is merged into.
    public var base: StoredFile
    /// The low-rank delta.
    public var delta: StoredFile

    /// Describes a derived file; nothing is computed.
    public init(
        file: Digest, sizeBytes: Int, function: String, base: StoredFile, delta: StoredFile
    ) {
        self.file = file
        self.sizeBytes = sizeBytes
        self.function = function
        self.base = base
        self.delta = delta
    }

    /// Reads a derivation from the bytes of an object.
    ///
    /// - Throws: `malformed`, or `unsupported` for another schema or a function that is not known.
    public static func read(object bytes: [UInt8]) throws(LetheError) -> DerivationRecipe {
        let recipe = try read(canonical: bytes)
        guard recipe.function == DeltaMerge.name else {
            throw LetheError(
                code: .unsupported,
                message: "The file \(recipe.file) is made by \"\(recipe.function)\", which this "
                    + "version of Lethe does not know.",
                remedy: "A newer registry needs a newer Lethe.")
        }
        guard recipe.sizeBytes >= 0, recipe.base.sizeBytes >= 0, recipe.delta.sizeBytes >= 0
        else {
            throw LetheError(
                code: .malformed, message: "The derivation of \(recipe.file) has a negative size.")
        }
        return recipe
    }
}
