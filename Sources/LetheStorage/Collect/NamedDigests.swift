internal import LetheRecords

/// Every digest that a text of the lineage names, whatever the text is.
///
/// Garbage collection must not depend on knowing all kinds of records: what any of them names
/// stays. Digests that name no object do no harm.
struct NamedDigests {
    /// All of them.
    private(set) var all: Set<Digest> = []
    /// Those that a record names as the recipe of a file.
    private(set) var recipes: Set<Digest> = []

    private static let prefix = Array("sha256".utf8)
    private static let recipeKey = Array("\"assembly\":\"".utf8)
    private static let digitCount = 64

    /// Looks for `sha256:` and 64 hexadecimal digits.
    init(in bytes: [UInt8]) {
        for colon in bytes.indices where bytes[colon] == UInt8(ascii: ":") {
            let end = colon + 1 + Self.digitCount
            guard end <= bytes.count, Self.ends(bytes[..<colon], with: Self.prefix),
                let digest = Digest(hex: String(decoding: bytes[(colon + 1)..<end], as: UTF8.self))
            else { continue }
            all.insert(digest)
            if Self.ends(bytes[..<(colon - Self.prefix.count)], with: Self.recipeKey) {
                recipes.insert(digest)
            }
        }
    }

    private static func ends(_ bytes: ArraySlice<UInt8>, with suffix: [UInt8]) -> Bool {
        bytes.suffix(suffix.count).elementsEqual(suffix)
    }
}
