/// One file of a tiled log (C2SP tlog-tiles): 256 hashes of a level, or 256 entries; the tiles at
/// the right end may be partial.
public struct LogTile: Sendable, Hashable, CustomStringConvertible {
    /// What a tile holds.
    public enum Level: Sendable, Hashable {
        /// Entries of the log.
        case entries
        /// Hashes of subtrees over 256 to the power of the number of leaves.
        case hashes(Int)
    }

    /// How many hashes or entries a full tile has.
    public static let fullWidth = 256
    /// The height of the tree within a tile.
    static let height = 8

    /// What it holds.
    public let level: Level
    /// Its number within the level, from 0.
    public let index: Int
    /// How many hashes or entries it has, 1 to 256.
    public let width: Int

    /// Names a tile.
    public init(_ level: Level, index: Int, width: Int) {
        self.level = level
        self.index = index
        self.width = width
    }

    /// Names the tile of a level that holds the hash or entry at `position` in a log of `size`
    /// entries, as wide as it is then; nil if the log is too short for it.
    public init?(_ level: Level, holding position: Int, size: Int) {
        let index = position / LogTile.fullWidth
        let width = min(
            LogTile.count(of: level, size: size) - index * LogTile.fullWidth, LogTile.fullWidth)
        guard position >= 0, width > position % LogTile.fullWidth else { return nil }
        self.init(level, index: index, width: width)
    }

    /// How many hashes or entries a level has in a log of `size` entries.
    public static func count(of level: Level, size: Int) -> Int {
        switch level {
        case .entries: size
        case .hashes(let number): number * height < Int.bitWidth ? size >> (number * height) : 0
        }
    }

    /// Every tile of a log of `size` entries, entries first, then level by level.
    public static func all(size: Int) -> [LogTile] {
        var tiles = row(.entries, size: size)
        var level = 0
        while count(of: .hashes(level), size: size) > 0 {
            tiles += row(.hashes(level), size: size)
            level += 1
        }
        return tiles
    }

    private static func row(_ level: Level, size: Int) -> [LogTile] {
        stride(from: 0, to: count(of: level, size: size), by: fullWidth).compactMap {
            LogTile(level, holding: $0, size: size)
        }
    }

    /// Whether it has fewer than 256 hashes or entries.
    public var isPartial: Bool { width < LogTile.fullWidth }

    /// The folder in which its partial forms lie, below `log/`.
    public var partialFolder: String { fullPath + ".p" }

    /// The path of the full tile, below `log/`.
    public var fullPath: String {
        let name =
            switch level {
            case .entries: "entries"
            case .hashes(let number): "\(number)"
            }
        return "tile/\(name)/\(LogTile.path(of: index))"
    }

    /// The path of this tile, below `log/`.
    public var path: String { isPartial ? "\(partialFolder)/\(width)" : fullPath }

    /// The path.
    public var description: String { path }

    /// A number in groups of three digits, all but the last after an `x`.
    private static func path(of index: Int) -> String {
        var groups: [String] = []
        var rest = index
        repeat {
            let digits = String(rest % 1000)
            let padded = String(repeating: "0", count: 3 - digits.count) + digits
            groups.append(groups.isEmpty ? padded : "x" + padded)
            rest /= 1000
        } while rest > 0
        return groups.reversed().joined(separator: "/")
    }
}
