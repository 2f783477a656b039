/// The entries of a tile as bytes: each after its length, two bytes, big-endian (C2SP tlog-tiles,
/// "Log entries").
public enum EntryBundle {
    /// The longest entry that the length can say.
    public static let entryLimitBytes = 65_535
    /// More than a bundle of 256 such entries has.
    public static let limitBytes = 256 * (entryLimitBytes + 2)

    /// One entry as a bundle has it.
    ///
    /// - Throws: `invalidArgument` for an entry that is too long.
    public static func encode(_ entry: [UInt8]) throws(LetheError) -> [UInt8] {
        guard entry.count <= entryLimitBytes else {
            throw LetheError(
                code: .invalidArgument,
                message: "A log entry has \(entry.count) bytes; at most \(entryLimitBytes) fit.",
                remedy: "Shorten the names; an entry holds digests only.")
        }
        return [UInt8(entry.count >> 8), UInt8(entry.count & 0xFF)] + entry
    }

    /// The entries of a bundle.
    ///
    /// - Parameter isPrefix: Whether more entries may follow the first `count`, which are left out.
    /// - Throws: `integrity` if the bytes end within an entry, or hold another number of entries.
    public static func decode(
        _ bytes: [UInt8], count: Int, isPrefix: Bool = false
    ) throws(LetheError) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        var offset = 0
        while offset + 2 <= bytes.count, !isPrefix || entries.count < count {
            let end = offset + 2 + (Int(bytes[offset]) << 8 | Int(bytes[offset + 1]))
            guard end <= bytes.count else { break }
            entries.append(Array(bytes[(offset + 2)..<end]))
            offset = end
        }
        guard entries.count == count, isPrefix || offset == bytes.count else {
            throw LetheError(
                code: .integrity, message: "A bundle of log entries is not \(count) whole entries.",
                remedy: "Restore the log from a backup.")
        }
        return entries
    }
}
