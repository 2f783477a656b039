internal import LetheRecords

/// The object that says how a file comes about: from its parts, or from other files.
enum FileRecipe: Sendable {
    case assembly(AssemblyRecipe)
    case derivation(DerivationRecipe)

    static let maximumSizeBytes = max(
        AssemblyRecipe.maximumSizeBytes, DerivationRecipe.maximumSizeBytes)

    /// The canonical form orders its members, so the first one tells the two apart.
    private static let derivationStart = Array("{\"base\":".utf8)
    private static let assemblyStart = Array("{\"file\":\"sha256:".utf8)

    /// Whether an object that begins so may be a recipe.
    static func mayBegin(with bytes: [UInt8]) -> Bool {
        bytes.starts(with: assemblyStart) || bytes.starts(with: derivationStart)
    }

    /// Reads a recipe from the bytes of an object.
    ///
    /// - Throws: `malformed`, `unsupported`, `integrity`.
    init(object bytes: [UInt8]) throws(LetheError) {
        self =
            if bytes.starts(with: Self.derivationStart) {
                .derivation(try DerivationRecipe.read(object: bytes))
            } else {
                .assembly(try AssemblyRecipe.read(object: bytes))
            }
    }

    /// The file it is the recipe of.
    var file: Digest {
        switch self {
        case .assembly(let recipe): recipe.file
        case .derivation(let recipe): recipe.file
        }
    }

    var sizeBytes: Int {
        switch self {
        case .assembly(let recipe): recipe.sizeBytes
        case .derivation(let recipe): recipe.sizeBytes
        }
    }

    /// The objects it needs; a further recipe among them stands for what it needs in turn.
    var needs: [Digest] {
        switch self {
        case .assembly(let recipe): recipe.parts.map(\.digest)
        case .derivation(let recipe): [recipe.base, recipe.delta].map { $0.assembly ?? $0.digest }
        }
    }
}
