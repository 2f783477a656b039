internal import Foundation
internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

/// What came of destroying keys.
public struct KeyDestruction: Sendable {
    /// How many objects were left and are encrypted with new keys now.
    public internal(set) var encryptedAnewCount = 0
    /// The signed receipt, which names the destroyed keys.
    public internal(set) var receipt: DeletionReceipt?
}

extension Registry {
    /// Encrypts what is left of lines with new keys, destroys the old ones, and signs a receipt:
    /// what was there before and is not any more cannot be read in any copy of this registry.
    ///
    /// Everything that is there is kept, whatever line needs it. If it is killed, running it again
    /// goes on.
    ///
    /// - Parameter lines: The models whose keys go; at least one.
    /// - Throws: as `objectKeyUse`; `integrity` if an object is damaged: its key is not destroyed
    ///   then; `refused` if the registry does not trust the keys.
    public func destroyKeys(
        of lines: [String], keys: KeyFolder, now: Timestamp, progress: @escaping ProgressHandler
    ) throws(LetheError) -> KeyDestruction {
        try requireWritable(by: keys)
        let folder = ObjectKeyFolder(in: keys.url)
        for (line, _) in try keysByLine(lines, keys) { _ = try folder.make(for: line) }
        var result = KeyDestruction()
        result.encryptedAnewCount = try retireKeys(keys, progress: progress)
        result.receipt = try writeReceipt(PurgeReport(isDryRun: false), keys: keys, now: now)
        return result
    }

    /// Gives a next key to every line whose newest one encrypts an object that is about to be
    /// erased, or that has tombstones which no receipt covers.
    ///
    /// This comes before the erasure: a line that has two keys says that the older one has to go,
    /// whoever is killed in between.
    func replaceKeys(erasing objects: Set<Digest>, keys: KeyFolder) throws(LetheError) {
        guard isEncrypted else { return }
        var used: Set<[UInt8]> = []
        for digest in objects {
            // One that is damaged is erased all the same; what it was encrypted with nobody knows.
            guard let object = (try? storage.objects.encrypted(digest)) ?? nil else { continue }
            used.insert(object.key)
        }
        let covered = Set(try receipts().flatMap(\.tombstones))
        let folder = ObjectKeyFolder(in: keys.url)
        for (line, keys) in try keysByLine([], keys) {
            let isUsed = keys.last.map { used.contains($0.key.identifier) } ?? false
            let tombstones = try erasureRecords(of: line).tombstones
            let isErasedFrom = tombstones.contains { !covered.contains($0.digest) }
            guard isUsed || (isErasedFrom && keys.count == 1) else { continue }
            _ = try folder.make(for: line)
        }
    }

    /// Encrypts anew what is left under keys that have a successor, and destroys them.
    ///
    /// - Returns: how many objects were encrypted anew.
    /// - Throws: as `KeyRetirement.run`.
    func retireKeys(
        _ keys: KeyFolder, progress: @escaping ProgressHandler
    ) throws(LetheError) -> Int {
        guard isEncrypted else { return 0 }
        let folder = ObjectKeyFolder(in: keys.url)
        return try KeyRetirement(storage).run(
            choosing: { () throws(LetheError) in
                try keysByLine([], keys).compactMap { _, keys in
                    guard let newest = keys.last, keys.count > 1 else { return nil }
                    return (keys.dropLast().map(\.key), newest.key)
                }
            },
            destroying: { (old) throws(LetheError) in
                let identifiers = Set(old.map(\.identifier))
                for key in try folder.keys() where identifiers.contains(key.key.identifier) {
                    try folder.destroy(key)
                }
            }, progress: progress)
    }
}
