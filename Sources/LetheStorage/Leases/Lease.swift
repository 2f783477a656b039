internal import Glibc
public import LetheRecords

/// The digests that one writer or reader holds; given back when this object goes, and at the
/// latest when its process dies.
///
/// Its owner is a lock file in `locks/`, held by flock(2), so that a dead owner is told from a
/// living one across containers, where process numbers do not help.
public final class Lease {
    static let namePrefix = "owner-"

    private let leases: Leases
    private let name: String
    private let lock: FileDescriptor
    private var owner: Int64?
    private var held: Set<Digest> = []

    init(_ leases: Leases) throws(LetheError) {
        self.leases = leases
        while true {
            let random = String(UInt64.random(in: .min ... .max), radix: 16)
            let name = "\(Lease.namePrefix)\(getpid())-\(random)"
            let path = "\(leases.folder)/\(name)"
            try leases.files.step(.lock, path)
            let file = try FileDescriptor.lockFile(path)
            // Somebody who clears up may have been faster; then this file is gone or taken.
            guard try file.lock(waiting: false),
                try FileStatus.of(path)?.inode == file.status().inode
            else { continue }
            self.name = name
            lock = file
            return
        }
    }

    /// Takes leases on digests, all in one transaction; those already held cost nothing.
    ///
    /// Look whether an object is present after this, never before.
    ///
    /// - Throws: `io`, `diskFull`; `conflict` if the database stays locked.
    public func take(_ digests: some Sequence<Digest>) throws(LetheError) {
        let new = Set(digests).subtracting(held)
        guard !new.isEmpty else { return }
        try leases.files.step(.lease, name)
        owner = try leases.book().add(new, owner: owner, named: name)
        held.formUnion(new)
    }

    /// Whether this lease holds a digest.
    public func holds(_ digest: Digest) -> Bool { held.contains(digest) }

    deinit {
        // Nothing here may fail the work that is done: without its lock file an owner is dead.
        if let owner, (try? leases.files.step(.releaseLease, name)) != nil {
            try? leases.book().remove(owner: owner)
        }
        _ = unsafe unlink("\(leases.folder)/\(name)")
    }
}
