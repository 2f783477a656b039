import Foundation
import LetheRecords
import TestSupport
import Testing

/// What Python's hashlib says; made by scripts/golden/log.py.
private struct LogGolden: Decodable {
    struct Root: Decodable {
        let size: Int
        let root: Data
    }
    struct Listing: Decodable {
        let size: Int
        let listing: String
    }
    struct Inclusion: Decodable {
        let index: Int
        let size: Int
        let path: [Data]
    }
    struct Consistency: Decodable {
        let from: Int
        let to: Int
        let path: [Data]
    }

    let roots: [Root]
    let tiles: [Listing]
    let inclusion: [Inclusion]
    let consistency: [Consistency]
    let checkpoint: String
}

/// The proofs that transparency-dev/merkle publishes, good and bad.
private struct PublishedProofs: Decodable {
    struct Inclusion: Decodable {
        let leafIdx: UInt64
        let treeSize: UInt64
        let root: String
        let leafHash: String
        let proof: [String]
        let desc: String
        let wantErr: Bool
    }
    struct Consistency: Decodable {
        let size1: UInt64
        let size2: UInt64
        let root1: String
        let root2: String
        let proof: [String]
        let desc: String
        let wantErr: Bool
    }

    let inclusion: [Inclusion]
    let consistency: [Consistency]
}

private func load<Content: Decodable>(_ type: Content.Type, _ name: String) throws -> Content {
    let file = Locations.fixtures.appending(path: "log/\(name)")
    return try JSONDecoder().decode(type, from: Data(contentsOf: file))
}

/// A log in memory, by tiles.
private struct MemoryLog {
    var edge = TileEdge()
    var full: [LogTile: [TreeHash]] = [:]

    mutating func append(_ leaf: TreeHash) {
        for (tile, hashes) in edge.append(leaf) { full[tile] = hashes }
    }

    mutating func appendNext() { append(.leaf(Array("leaf \(edge.size)".utf8))) }

    var tiles: [LogTile: [TreeHash]] {
        full.merging(edge.partialTiles.map { ($0.tile, $0.hashes) }) { $1 }
    }

    /// The log as it was with `size` entries, read as a file of a wider tile is.
    func reading(size: Int) -> TreeReading {
        let tiles = tiles
        let present = edge.size
        return TreeReading { (height, index) throws(LetheError) in
            let level = LogTile.Level.hashes(height / 8)
            let start = index << (height % 8)
            guard LogTile(level, holding: start, size: size) != nil,
                let tile = LogTile(level, holding: start, size: present),
                let hashes = tiles[tile]
            else { throw LetheError(code: .integrity, message: "no tile") }
            let offset = start % 256
            return .completeTree(hashes[offset..<(offset + (1 << (height % 8)))])
        }
    }
}

/// RFC 6962 section 2.1 read word by word, on leaf hashes.
private enum Naive {
    static func root(_ leaves: ArraySlice<TreeHash>) -> TreeHash {
        guard leaves.count > 1 else { return leaves.first ?? .empty }
        let middle = split(leaves)
        return .node(root(leaves[..<middle]), root(leaves[middle...]))
    }

    static func path(_ index: Int, _ leaves: ArraySlice<TreeHash>) -> [TreeHash] {
        guard leaves.count > 1 else { return [] }
        let middle = split(leaves)
        return index < middle
            ? path(index, leaves[..<middle]) + [root(leaves[middle...])]
            : path(index, leaves[middle...]) + [root(leaves[..<middle])]
    }

    static func proof(_ old: Int, _ leaves: ArraySlice<TreeHash>, _ whole: Bool) -> [TreeHash] {
        if old == leaves.endIndex { return whole ? [] : [root(leaves)] }
        let middle = split(leaves)
        return old <= middle
            ? proof(old, leaves[..<middle], whole) + [root(leaves[middle...])]
            : proof(old, leaves[middle...], false) + [root(leaves[..<middle])]
    }

    private static func split(_ leaves: ArraySlice<TreeHash>) -> Int {
        var count = 1
        while count * 2 < leaves.count { count *= 2 }
        return leaves.startIndex + count
    }
}

@Suite("The tree of the log")
struct LogTreeTests {
    private func hash(_ base64: String) -> TreeHash? {
        Data(base64Encoded: base64).flatMap { TreeHash(bytes: $0) }
    }

    /// Some documents hold words where no hash matters; equal words stand for equal hashes.
    private func hashOrWord(_ base64: String) -> TreeHash? {
        hash(base64) ?? .leaf(Array(base64.utf8))
    }

    @Test("Published proofs are accepted and refused as their publishers say")
    func published() throws {
        let documents = try load(PublishedProofs.self, "merkle.json")
        #expect(documents.inclusion.count == 98 && documents.consistency.count == 98)
        for document in documents.inclusion {
            let holds =
                if let root = hash(document.root), let leaf = hash(document.leafHash),
                    let index = Int(exactly: document.leafIdx),
                    let size = Int(exactly: document.treeSize),
                    case let path = document.proof.compactMap(hash),
                    path.count == document.proof.count
                {
                    TreeProofs.isIncluded(leaf, at: index, in: size, root: root, path: path)
                } else { false }
            #expect(holds == !document.wantErr, "\(document.desc)")
        }
        for document in documents.consistency {
            let holds =
                if let old = hashOrWord(document.root1), let new = hashOrWord(document.root2),
                    let oldSize = Int(exactly: document.size1),
                    let newSize = Int(exactly: document.size2),
                    case let path = document.proof.compactMap(hash),
                    path.count == document.proof.count
                {
                    TreeProofs.isConsistent(
                        oldSize: oldSize, oldRoot: old, newSize: newSize, newRoot: new, path: path)
                } else { false }
            #expect(holds == !document.wantErr, "\(document.desc)")
        }
    }

    @Test("Roots, tiles and proofs of up to 70,000 entries are those that Python computes")
    func golden() throws {
        let golden = try load(LogGolden.self, "golden.json")
        var log = MemoryLog()
        for expected in golden.roots {
            while log.edge.size < expected.size { log.appendNext() }
            #expect(Data(log.edge.root.bytes) == expected.root, "\(expected.size)")
            let listing = log.tiles.map {
                "\($0.key) \(Digest(hashing: $0.value.flatMap(\.bytes)).hex)\n"
            }
            #expect(
                Digest(hashing: Array(listing.sorted().joined().utf8)).hex
                    == golden.tiles.first { $0.size == expected.size }?.listing)
            #expect(
                Set(LogTile.all(size: expected.size).filter { $0.level != .entries })
                    == Set(log.tiles.keys))
        }
        for proof in golden.inclusion {
            let path = try log.reading(size: proof.size)
                .inclusionPath(of: proof.index, in: proof.size)
            #expect(path.map { Data($0.bytes) } == proof.path)
        }
        for proof in golden.consistency {
            let path = try log.reading(size: proof.to).consistencyPath(
                from: proof.from, to: proof.to)
            #expect(path.map { Data($0.bytes) } == proof.path)
        }
    }

    @Test("Proofs of random sizes are those of a naive reading of RFC 6962, and only they hold")
    func naive() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("the seed of the random logs is \(seed)")
        var generator = SplitMix64(seed: seed)
        var log = MemoryLog()
        for _ in 0..<700 { log.appendNext() }
        for _ in 0..<60 {
            let size = Int.random(in: 1...700, using: &generator)
            let leaves = (0..<size).map { TreeHash.leaf(Array("leaf \($0)".utf8)) }
            let reading = log.reading(size: size)
            let root = Naive.root(leaves[...])
            #expect(try reading.root(size: size) == root)
            let index = Int.random(in: 0..<size, using: &generator)
            let path = try reading.inclusionPath(of: index, in: size)
            #expect(path == Naive.path(index, leaves[...]), "size \(size), index \(index)")
            func isIncluded(_ index: Int, _ path: [TreeHash]) -> Bool {
                TreeProofs.isIncluded(leaves[index], at: index, in: size, root: root, path: path)
            }
            #expect(isIncluded(index, path))
            #expect(!isIncluded(index, path + [root]))
            if !path.isEmpty { #expect(!isIncluded(index, Array(path.dropLast()))) }
            if size > 1 { #expect(!isIncluded((index + 1) % size, path)) }
            let old = Int.random(in: 1...size, using: &generator)
            let proof = try reading.consistencyPath(from: old, to: size)
            #expect(proof == Naive.proof(old, leaves[...], true), "\(old) to \(size)")
            func isConsistent(_ oldRoot: TreeHash, _ path: [TreeHash]) -> Bool {
                TreeProofs.isConsistent(
                    oldSize: old, oldRoot: oldRoot, newSize: size, newRoot: root, path: path)
            }
            #expect(isConsistent(Naive.root(leaves[..<old]), proof))
            #expect(!isConsistent(.leaf([]), proof))
            #expect(!isConsistent(Naive.root(leaves[..<old]), proof + [root]))
        }
    }

    @Test("Tiles of a log have the names and widths of the specification's examples")
    func tiles() {
        #expect(
            LogTile(.hashes(0), index: 1_234_067, width: 256).path == "tile/0/x001/x234/067")
        #expect(LogTile(.entries, index: 5, width: 3).path == "tile/entries/005.p/3")
        let rows = Dictionary(grouping: LogTile.all(size: 70_000), by: \.level)
        #expect(rows[.hashes(0)]?.count == 274 && rows[.hashes(0)]?.last?.width == 112)
        #expect(rows[.hashes(1)]?.count == 2 && rows[.hashes(1)]?.first?.isPartial == false)
        #expect(rows[.hashes(1)]?.last?.width == 17)
        #expect(rows[.hashes(2)] == [LogTile(.hashes(2), index: 0, width: 1)])
        #expect(rows[.hashes(3)] == nil && rows[.entries]?.count == 274)
        let small = LogTile.all(size: 256).map(\.path)
        #expect(small == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"])
    }

    @Test("A checkpoint has one text; every other is refused")
    func checkpoint() throws {
        // The tree note of golang.org/x/mod/sumdb/tlog's tests.
        let text =
            "go.sum database tree\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n"
        let root = TreeHash.leaf(Array("hello world".utf8))
        let checkpoint = Checkpoint(
            origin: "go.sum database tree", size: 123_456_789_012, root: root)
        #expect(checkpoint.text == text)
        #expect(try Checkpoint(text: text) == checkpoint)
        for wrong in [
            "", "\n" + text, text + "more\n", String(text.dropLast()),
            text.replacing("123456789012", with: "0xabcdef"),
            text.replacing("123456789012", with: "0123456789012"),
            text.replacing("123456789012", with: "+123456789012"),
            text.replacing("123456789012", with: "-1"),
            text.replacing("wBb0=", with: "wBTOOBIG="), text.replacing("wBb0=", with: "wBb1="),
        ] { #expect(throws: LetheError.self, "\(wrong)") { try Checkpoint(text: wrong) } }
    }

    @Test("A bundle gives its entries back; a byte more or less is refused")
    func bundle() throws {
        let entries: [[UInt8]] = [[], [1], Array(repeating: 7, count: 65_535)]
        let bytes = try entries.flatMap { try EntryBundle.encode($0) }
        #expect(bytes.prefix(5) == [0, 0, 0, 1, 1] && bytes[5...6] == [0xFF, 0xFF])
        #expect(try EntryBundle.decode(bytes, count: 3) == entries)
        #expect(
            try EntryBundle.decode(bytes, count: 2, isPrefix: true) == Array(entries.prefix(2)))
        for (wrong, count) in [
            (bytes + [0], 3), (Array(bytes.dropLast()), 3), (bytes, 2), (bytes, 4), ([1], 0),
        ] {
            #expect(throws: LetheError.self) { try EntryBundle.decode(wrong, count: count) }
        }
        #expect(throws: LetheError.self) {
            try EntryBundle.encode(Array(repeating: 0, count: 65_536))
        }
    }
}
