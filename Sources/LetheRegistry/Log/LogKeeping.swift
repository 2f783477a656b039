internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// The name of this registry's transparency log.
    public var logOrigin: String { SignedCheckpoint.origin(registry: description.id) }

    /// The signed checkpoint of the log as it is now, to be kept somewhere else.
    ///
    /// - Throws: `notFound` for a registry that has no log yet, `integrity` or `refused` if no
    ///   trusted operator signed it.
    public func checkpoint() throws(LetheError) -> [UInt8] {
        guard let bytes = try storage.log.checkpointBytes() else {
            throw LetheError(
                code: description.log == nil ? .notFound : .integrity,
                message: "The registry has no log.",
                remedy: description.log == nil
                    ? "The next command that writes starts one."
                    : "Somebody removed it; restore the folder log/ from a backup.")
        }
        _ = try openCheckpoint(bytes)
        return bytes
    }

    func openCheckpoint(_ bytes: [UInt8]) throws(LetheError) -> Checkpoint {
        try loggedHistory().open(bytes)
    }

    /// The one way in which versions are written with these keys.
    func writeOrder(_ keys: KeyFolder) -> WriteOrder {
        WriteOrder(
            lineage: storage.lineage, index: index, log: storage.log, keeper: logKeeper(keys))
    }

    private func logKeeper(_ keys: KeyFolder) -> LogKeeper {
        LogKeeper(
            origin: logOrigin, isExpected: description.log != nil,
            sign: { (checkpoint) throws(LetheError) in
                try SignedCheckpoint.sign(checkpoint, with: keys.operatorKey)
            },
            open: { (bytes) throws(LetheError) in try self.openCheckpoint(bytes) },
            history: { () throws(LetheError) in try self.existingLeaves() })
    }

    /// The first checkpoint of a registry: of no entries.
    static func writeFirstCheckpoint(
        origin: String, in layout: RegistryLayout, files: StoreFiles, keys: KeyFolder
    ) throws(LetheError) {
        try files.makeFolder(layout.log)
        let checkpoint = Checkpoint(origin: origin, size: 0, root: .empty)
        try files.replaceFile(
            TransparencyLog(layout, files: files).checkpointURL,
            with: SignedCheckpoint.sign(checkpoint, with: keys.operatorKey))
    }
}
