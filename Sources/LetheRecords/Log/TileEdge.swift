/// The right end of a tiled log: the hashes of its partial tiles, level by level, which is all
/// that appending needs.
public struct TileEdge: Sendable, Equatable {
    /// For each level, from the leaves up, the hashes of its last, partial tile; none where the
    /// last tile is full.
    public private(set) var rows: [[TreeHash]]
    /// How many leaves there are.
    public private(set) var size: Int

    /// Starts with no leaves.
    public init() {
        rows = []
        size = 0
    }

    /// Reads the edge of a log of `size` leaves from its partial tiles.
    public init(
        size: Int, reading: (LogTile) throws(LetheError) -> [TreeHash]
    ) throws(LetheError) {
        self.size = size
        rows = []
        while LogTile.count(of: .hashes(rows.count), size: size) > 0 {
            let level = LogTile.Level.hashes(rows.count)
            let last = LogTile.count(of: level, size: size) - 1
            let tile = LogTile(level, holding: last, size: size)
            if let tile, tile.isPartial {
                rows.append(try reading(tile))
            } else {
                rows.append([])
            }
        }
    }

    /// The partial tiles of this edge.
    public var partialTiles: [(tile: LogTile, hashes: [TreeHash])] {
        rows.enumerated().filter { !$1.isEmpty }.map { level, hashes in
            let index = LogTile.count(of: .hashes(level), size: size) / LogTile.fullWidth
            return (LogTile(.hashes(level), index: index, width: hashes.count), hashes)
        }
    }

    /// Adds a leaf at the right end.
    ///
    /// - Returns: the tiles that are full now, lowest first.
    public mutating func append(
        _ leaf: TreeHash
    ) -> [(tile: LogTile, hashes: [TreeHash])] {
        size += 1
        var filled: [(tile: LogTile, hashes: [TreeHash])] = []
        var hash = leaf
        for level in 0... {
            if level == rows.count { rows.append([]) }
            rows[level].append(hash)
            guard rows[level].count == LogTile.fullWidth else { break }
            let index = LogTile.count(of: .hashes(level), size: size) / LogTile.fullWidth - 1
            let tile = LogTile(.hashes(level), index: index, width: LogTile.fullWidth)
            filled.append((tile, rows[level]))
            hash = .completeTree(rows[level][...])
            rows[level] = []
        }
        return filled
    }

    /// The root over all leaves (RFC 6962 section 2.1).
    public var root: TreeHash {
        let subtrees = rows.reversed().flatMap(TileEdge.subtrees)
        guard var hash = subtrees.last else { return .empty }
        for left in subtrees.dropLast().reversed() { hash = .node(left, hash) }
        return hash
    }

    /// The complete subtrees over a row, largest first.
    private static func subtrees(of row: [TreeHash]) -> [TreeHash] {
        var found: [TreeHash] = []
        var offset = 0
        for height in (0..<LogTile.height).reversed() where row.count & (1 << height) != 0 {
            found.append(.completeTree(row[offset..<(offset + (1 << height))]))
            offset += 1 << height
        }
        return found
    }
}
