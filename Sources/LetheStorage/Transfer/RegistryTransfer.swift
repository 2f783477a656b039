internal import Foundation
public import LetheRecords

/// How much travelled.
public struct TransferTally: Sendable, Hashable {
    /// Objects that the target lacked and now has.
    public internal(set) var objectCount = 0
    /// Their bytes.
    public internal(set) var objectSizeBytes = 0
    /// Commits, folders and texts of git that the target lacked and now has.
    public internal(set) var gitObjectCount = 0

    /// Counts nothing yet, unless told.
    public init(objectCount: Int = 0, objectSizeBytes: Int = 0, gitObjectCount: Int = 0) {
        self.objectCount = objectCount
        self.objectSizeBytes = objectSizeBytes
        self.gitObjectCount = gitObjectCount
    }

    /// Adds another tally.
    public mutating func add(_ other: TransferTally) {
        objectCount += other.objectCount
        objectSizeBytes += other.objectSizeBytes
        gitObjectCount += other.gitObjectCount
    }
}

/// Copies what a registry lacks of another, and moves no reference: whoever calls checks what has
/// arrived, and moves the references last.
///
/// Every object is verified while it is copied. What is durable stays if the transfer is cut off,
/// so the next one sends the rest.
public final class RegistryTransfer {
    /// The objects that have arrived, leased until `ObjectBatch.release`.
    public let batch: ObjectBatch
    /// How much has travelled.
    public var tally: TransferTally {
        var tally = counted
        tally.gitObjectCount = commits.copiedCount
        return tally
    }

    /// From this many bytes or objects on, what has arrived is made durable.
    private static let durableFromBytes = 64 << 20
    private static let durableFromCount = 1024

    private let source: TransferSource
    private let target: RegistryStorage
    private let commits: CommitTransfer
    private var counted = TransferTally()
    private var verified: Set<StoredFile> = []
    private var waitingSizeBytes = 0
    private var waitingCount = 0
    /// On how many derivations the file stands that is copied just now.
    private var depth = 0

    /// Prepares a transfer between registries of this machine.
    public convenience init(from source: RegistryStorage, to target: RegistryStorage) {
        self.init(from: TransferSource(source), to: target)
    }

    /// Prepares a transfer.
    public init(from source: TransferSource, to target: RegistryStorage) {
        self.source = source
        self.target = target
        batch = target.objects.batch()
        commits = CommitTransfer(from: source.lineage, to: target)
    }

    /// Compares a line of the source with the same line of the target.
    ///
    /// - Throws: `notFound` if the source has no such line; `integrity` if it is damaged there.
    public func compare(
        _ line: ReferenceName
    ) throws(LetheError) -> (theirs: CommitID, ours: CommitID?, comparison: LineComparison) {
        guard let theirs = try source.lineage.target(of: line) else {
            throw LetheError(
                code: .notFound, message: "\(source.name) has no \(line).",
                remedy: "See what it has with lethe log there.")
        }
        let ours = try target.lineage.target(of: line)
        let comparing = LineComparing(source: source.lineage, target: target.lineage)
        return (theirs, ours, try comparing.compare(theirs, with: ours))
    }

    /// Copies a commit with its folders and texts.
    ///
    /// - Parameter accept: Sees the signature before anything is copied, and throws to refuse.
    public func copyCommit(
        _ id: CommitID, accept: (CommitSignature?) throws(LetheError) -> Void
    ) throws(LetheError) {
        try commits.copy(id, accept: accept)
    }

    /// Says that the target has these files whole, because a version of it has them.
    public func trust(_ files: some Sequence<StoredFile>) { verified.formUnion(files) }

    /// Copies what the target lacks of a file, verifying every part, the recipe and the whole.
    ///
    /// - Throws: `integrity` if something is missing or does not match; `diskFull`, `io`.
    public func copyFile(
        _ file: StoredFile, onBytes: (Int) -> Void = { _ in }
    ) throws(LetheError) {
        guard !verified.contains(file) else { return }
        if let assembly = file.assembly {
            try copyRecipe(of: file, assembly, onBytes)
        } else {
            try copyObject(file.digest, sizeBytes: file.sizeBytes, nil)
            onBytes(file.sizeBytes)
        }
        verified.insert(file)
    }

    /// Makes durable what has arrived.
    ///
    /// - Throws: `diskFull`, `io`.
    public func makeDurable() throws(LetheError) {
        try commits.makeDurable()
        try batch.makeDurable()
        waitingSizeBytes = 0
        waitingCount = 0
    }

    private func copyRecipe(
        of file: StoredFile, _ assembly: Digest, _ onBytes: (Int) -> Void
    ) throws(LetheError) {
        let lease = source.objects.leaseForReading([file])
        defer { withExtendedLifetime(lease) {} }
        let bytes = try source.objects.read(assembly, limitBytes: FileRecipe.maximumSizeBytes)
        let recipe = try FileRecipe(object: bytes)
        guard recipe.file == file.digest, recipe.sizeBytes == file.sizeBytes else {
            throw lies(assembly, about: file)
        }
        var isProven = true
        switch recipe {
        case .assembly(let recipe): try copyParts(recipe, of: file, assembly, onBytes)
        case .derivation(let recipe): isProven = try copySources(recipe, of: file, onBytes)
        }
        // The recipe comes last: it never promises what is not there.
        try copyObject(assembly, sizeBytes: bytes.count, nil)
        if !isProven { try computeHere(file) }
    }

    /// Computes a derived file whose source is elsewhere from what has arrived.
    private func computeHere(_ file: StoredFile) throws(LetheError) {
        try makeDurable()
        try target.objects.stream(file) { (_) throws(LetheError) in }
    }

    private func copyParts(
        _ recipe: AssemblyRecipe, of file: StoredFile, _ assembly: Digest, _ onBytes: (Int) -> Void
    ) throws(LetheError) {
        var hasher = DigestHasher()
        for part in recipe.parts {
            try copyObject(part.digest, sizeBytes: part.length) { hasher.update($0) }
            onBytes(part.length)
        }
        guard hasher.finalize() == file.digest else { throw lies(assembly, about: file) }
    }

    /// Copies what a derived file follows from, and computes it once.
    ///
    /// - Returns: whether it was computed at the source; otherwise it must be here.
    private func copySources(
        _ recipe: DerivationRecipe, of file: StoredFile, _ onBytes: (Int) -> Void
    ) throws(LetheError) -> Bool {
        try source.objects.checkDerivation(of: file)
        depth += 1
        defer { depth -= 1 }
        guard depth <= DerivationRecipe.maximumDepth else { throw lies(recipe.file, about: file) }
        try copyFile(recipe.base, onBytes: onBytes)
        try copyFile(recipe.delta, onBytes: onBytes)
        return try source.objects.compute(file)
    }

    private func copyObject(
        _ digest: Digest, sizeBytes: Int, _ onPiece: (([UInt8]) -> Void)?
    ) throws(LetheError) {
        let isNew = try batch.receive(
            digest, sizeBytes: sizeBytes, from: source.objects, onPiece: onPiece)
        guard isNew else { return }
        counted.objectCount += 1
        counted.objectSizeBytes += sizeBytes
        waitingSizeBytes += sizeBytes
        waitingCount += 1
        if waitingSizeBytes >= Self.durableFromBytes || waitingCount >= Self.durableFromCount {
            try makeDurable()
        }
    }

    private func lies(_ assembly: Digest, about file: StoredFile) -> LetheError {
        LetheError(
            code: .integrity,
            message: "The recipe \(assembly) in \(source.name) does not give the file "
                + "\(file.digest).",
            remedy: "Run lethe fsck in the registry that it comes from.")
    }
}

extension RegistryStorage {
    /// Whether another folder is this registry, by whatever path.
    public func isSame(as other: RegistryLayout) throws(LetheError) -> Bool {
        guard let mine = try FileStatus.of(layout.description.path),
            let theirs = try FileStatus.of(other.description.path)
        else { return false }
        return (mine.device, mine.inode) == (theirs.device, theirs.inode)
    }
}

extension Lineage {
    /// The names of the lines that Lethe makes, models and datasets, damaged ones too.
    public func lineNames() throws(LetheError) -> [ReferenceName] {
        try using { (git) throws(LetheError) in
            try git.referenceNames().compactMap(ReferenceName.init).filter { !$0.isTag }
        }
    }
}
