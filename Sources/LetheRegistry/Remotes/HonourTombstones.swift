internal import LetheRecords
internal import LetheStorage

extension Registry {
    /// Erases what tombstones name and no surviving version needs, and writes a receipt: what was
    /// purged elsewhere goes here, too, as soon as it is known.
    ///
    /// - Returns: the objects that went.
    /// - Throws: as `purge`.
    func honourTombstones(
        keys: KeyFolder, now: Timestamp, progress: ProgressHandler
    ) throws(LetheError) -> [ErasedObject] {
        let present = try erasedContent().objects.filter(storage.objects.contains)
        guard !present.isEmpty else { return [] }
        var needs = try objectNeeds(besides: [])
        let outcome = try ObjectErasure(storage).run(present, needs: &needs, progress: progress)
        guard !outcome.removed.isEmpty else { return [] }
        var report = PurgeReport(isDryRun: false)
        report.add(outcome)
        report.receipt = try writeReceipt(report, keys: keys, now: now)
        return report.removed
    }
}
