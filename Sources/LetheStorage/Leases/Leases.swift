internal import Foundation
public import LetheRecords
internal import Synchronization

/// What running writers and readers rely on, in a small database of its own:
/// `locks/leases.sqlite`.
///
/// A writer takes a lease on a digest and then looks whether the object is present. Garbage
/// collection decides and removes inside one transaction of the same database. So either the
/// collection sees the lease and leaves the object, or the writer sees that the object is gone and
/// writes it again; what is present under a lease stays.
///
/// The index may be deleted at any time, so leases are not in it.
public final class Leases: Sendable {
    let folder: String
    let files: StoreFiles
    private let opened = Mutex<LeaseBook?>(nil)

    init(_ layout: RegistryLayout, files: StoreFiles) {
        folder = layout.locks.path
        self.files = files
    }

    /// Starts to hold digests on behalf of a writer, who cannot go on without.
    ///
    /// - Throws: `io`, `diskFull`.
    public func lease() throws(LetheError) -> Lease { try Lease(self) }

    /// Holds digests on behalf of a reader, if the registry can be written at all.
    ///
    /// A reader never waits for a lease and never fails without one: on a read-only registry or a
    /// full disk, it reads what is there.
    public func leaseForReading(_ digests: some Sequence<Digest>) -> Lease? {
        guard let lease = try? lease(), (try? lease.take(digests)) != nil else { return nil }
        return lease
    }

    /// Runs `decide` while nobody can take a lease.
    ///
    /// It is handed those of `digests` that a living owner holds; leases of dead owners are
    /// forgotten first.
    ///
    /// - Throws: what `decide` throws; `conflict` if the database stays locked.
    func whileFrozen<Result>(
        asking digests: [Digest], _ decide: (Set<Digest>) throws(LetheError) -> Result
    ) throws(LetheError) -> Result {
        try book().whileFrozen(asking: digests, isAlive: isAlive, decide)
    }

    /// Those of `digests` that a living owner holds at this moment; none where that cannot be told.
    func held(among digests: [Digest]) -> Set<Digest> {
        guard (try? FileStatus.of(LeaseBook.path(in: folder))) ?? nil != nil,
            let book = try? book()
        else { return [] }
        let held = try? book.whileFrozen(asking: digests, isAlive: isAlive) { $0 }
        return held ?? []
    }

    func book() throws(LetheError) -> LeaseBook {
        try opened.withLock { (book) throws(LetheError) in
            if let book { return book }
            let made = try LeaseBook(in: folder, files: files)
            book = made
            return made
        }
    }

    /// The paths of lock files whose owner is dead.
    func abandonedOwners() -> [String] {
        FolderListing.names(in: folder)
            .filter { $0.hasPrefix(Lease.namePrefix) && !isAlive($0) }
            .map { "\(folder)/\($0)" }
    }

    /// Whether the process that made this lock file still runs: it holds the lock (flock(2)).
    ///
    /// What cannot be told counts as alive.
    private func isAlive(_ owner: String) -> Bool {
        do throws(LetheError) {
            let file = try FileDescriptor.reading("\(folder)/\(owner)")
            return try !file.lock(waiting: false, isShared: true)
        } catch {
            return error.code != .notFound
        }
    }
}
