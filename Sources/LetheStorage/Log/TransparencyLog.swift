public import Foundation
public import LetheRecords

/// The transparency log of a registry on the disk: the folder `log/` (C2SP tlog-tiles).
///
/// Reading needs no lock. A tile that has grown or become full since the checkpoint was read is
/// read as far as that checkpoint goes.
public struct TransparencyLog: Sendable {
    /// The folder `log/`.
    public let url: URL
    let files: StoreFiles
    let lockPath: String
    let temporary: String

    /// Takes the log of a registry; nothing is read.
    public init(_ layout: RegistryLayout, files: StoreFiles) {
        url = layout.log
        self.files = files
        lockPath = layout.locks.appending(path: "log").path
        temporary = layout.temporary.path
    }

    /// The file of the signed checkpoint.
    public var checkpointURL: URL { url.appending(path: "checkpoint") }

    /// The bytes of the signed checkpoint; nil if there is no log.
    ///
    /// - Throws: `io`, `malformed` if it is longer than any checkpoint.
    public func checkpointBytes() throws(LetheError) -> [UInt8]? {
        guard try FileStatus.of(checkpointURL.path) != nil else { return nil }
        return try files.readFile(checkpointURL)
    }

    /// The hashes of a tile.
    ///
    /// - Throws: `integrity` if it is missing or has another length.
    public func hashes(of tile: LogTile) throws(LetheError) -> [TreeHash] {
        let (bytes, width) = try read(tile, limitBytes: LogTile.fullWidth * TreeHash.sizeBytes)
        guard bytes.count == width * TreeHash.sizeBytes else { throw damaged(tile, "length") }
        return (0..<tile.width).compactMap {
            TreeHash(bytes: bytes[($0 * TreeHash.sizeBytes)..<(($0 + 1) * TreeHash.sizeBytes)])
        }
    }

    /// The entries of a tile of entries.
    ///
    /// - Throws: `integrity` if it is missing or damaged.
    public func entries(of tile: LogTile) throws(LetheError) -> [[UInt8]] {
        let (bytes, width) = try read(tile, limitBytes: EntryBundle.limitBytes)
        do throws(LetheError) {
            return try EntryBundle.decode(bytes, count: tile.width, isPrefix: width != tile.width)
        } catch {
            throw damaged(tile, "entries")
        }
    }

    /// Roots and proofs of the log as it was with `size` entries.
    public func reading(size: Int) -> TreeReading {
        var kept: [LogTile: [TreeHash]] = [:]
        return TreeReading { (height, index) throws(LetheError) in
            let level = height / 8
            let start = index << (height % 8)
            guard let tile = LogTile(.hashes(level), holding: start, size: size) else {
                throw LetheError(code: .integrity, message: "The log has no entry \(start).")
            }
            let hashes = if let known = kept[tile] { known } else { try self.hashes(of: tile) }
            kept[tile] = hashes
            let offset = start % LogTile.fullWidth
            let end = offset + (1 << (height % 8))
            guard end <= hashes.count else { throw damaged(tile, "length") }
            return .completeTree(hashes[offset..<end])
        }
    }

    /// The path of a tile on the disk.
    func path(of tile: LogTile) -> String { url.appending(path: tile.path).path }

    /// The bytes of a tile and how many hashes or entries they hold: its own file, else a wider
    /// partial one, else the full one.
    private func read(
        _ tile: LogTile, limitBytes: Int
    ) throws(LetheError) -> (bytes: [UInt8], width: Int) {
        // A second look, because a writer may have replaced a tile between listing and opening.
        for _ in 0..<2 {
            for width in [tile.width] + widerPartials(of: tile) + [LogTile.fullWidth] {
                let found = LogTile(tile.level, index: tile.index, width: width)
                guard try FileStatus.of(path(of: found)) != nil else { continue }
                do throws(LetheError) {
                    let file = URL(fileURLWithPath: path(of: found))
                    return (try files.readFile(file, limitBytes: limitBytes), width)
                } catch  where error.code == .notFound {
                    continue
                } catch  where error.code == .malformed {
                    throw damaged(tile, "length")
                }
            }
        }
        throw LetheError(
            code: .integrity, message: "The file \(tile) of the log is missing.",
            remedy: "Restore the folder log/ from a backup or another copy of the registry.")
    }

    private func widerPartials(of tile: LogTile) -> [Int] {
        guard tile.isPartial else { return [] }
        return FolderListing.names(in: url.appending(path: tile.partialFolder).path)
            .compactMap { Int($0) }.filter { $0 > tile.width && $0 < LogTile.fullWidth }.sorted()
    }

    private func damaged(_ tile: LogTile, _ what: String) -> LetheError {
        LetheError(
            code: .integrity, message: "The file \(tile) of the log is damaged: wrong \(what).",
            remedy: "Restore the folder log/ from a backup or another copy of the registry.")
    }
}
