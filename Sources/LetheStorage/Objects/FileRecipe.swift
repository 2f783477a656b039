internal import LetheRecords

/// The object that says how a file comes about: from its parts, or from other files.
enum FileRecipe: Sendable {
    case assembly(AssemblyRecipe)
    case derivation(DerivationRecipe)

    static let maximumSizeBytes = max(
        AssemblyRecipe.maximumSizeBytes, DerivationRecipe.maximumSizeBytes)

    /// The canonical form orders its members, so the first one tells the two apart.
    private static let derivationStarts = ["assembly", "digest"].map {
        Array("{\"base\":{\"\($0)\":\"sha256:".utf8)
    }
    private static let assemblyStart = Array("{\"file\":\"sha256:".utf8)
    /// This many bytes tell whether an object may be a recipe.
    static let beginningSizeBytes = 32

    /// Whether an object that begins so may be a recipe.
    static func mayBegin(with bytes: [UInt8]) -> Bool {
        ([assemblyStart] + derivationStarts).contains { bytes.starts(with: $0) }
    }

    /// Whether these bytes are a recipe.
    static func isRecipe(_ bytes: [UInt8]) -> Bool {
        mayBegin(with: bytes) && (try? FileRecipe(object: bytes)) != nil
    }

    /// Reads a recipe from the bytes of an object.
    ///
    /// - Throws: `malformed`, `unsupported`, `integrity`.
    init(object bytes: [UInt8]) throws(LetheError) {
        self =
            if Self.derivationStarts.contains(where: { bytes.starts(with: $0) }) {
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

    /// Those of the objects that it needs which are recipes in turn.
    var furtherRecipes: [Digest] {
        switch self {
        case .assembly: []
        case .derivation(let recipe): [recipe.base, recipe.delta].compactMap(\.assembly)
        }
    }

    /// Derivations stand on assemblies, assemblies on parts.
    var height: Int {
        switch self {
        case .assembly: 1
        case .derivation: 2
        }
    }
}
