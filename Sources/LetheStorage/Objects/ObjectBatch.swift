public import Foundation
internal import Glibc
public import LetheRecords

/// Objects that become durable together: written to temporary files first, then synced, renamed,
/// and their folders synced.
///
/// Nothing in the store changes before `makeDurable`. A batch that is dropped leaves nothing.
public final class ObjectBatch {
    /// Present objects up to this size are leased with all others, at the end.
    private static let confirmedLaterUpToBytes = 64 << 10

    /// For shorter files the call costs more than it saves when all are synced.
    private static let writtenBackFromBytes = 64 << 10

    let store: ObjectStore
    /// The line with whose key new objects are encrypted, in a registry that encrypts.
    public var line: String?
    private var writingKey: (line: String?, key: ObjectKey)?
    private var keyLock: KeyLock?
    /// The files on their way; whatever shall become durable with the objects is added here.
    let staged: StagedFiles
    private var lease: Lease?
    private var pending: [Digest: String] = [:]
    /// Small objects that were there before they were leased; `makeDurable` looks again.
    private var unconfirmed: [Digest: [UInt8]] = [:]
    /// The bytes that were not in the store before this batch.
    public private(set) var newSizeBytes = 0
    /// Every object that this batch stored or found in the store.
    public private(set) var digests: Set<Digest> = []

    init(_ store: ObjectStore) {
        self.store = store
        staged = StagedFiles(in: store.temporary, files: store.files)
    }

    /// Adds bytes.
    ///
    /// - Returns: their digest.
    @discardableResult
    public func put(_ bytes: [UInt8]) throws(LetheError) -> Digest {
        let digest = Digest(hashing: bytes)
        try put(bytes, named: digest)
        return digest
    }

    /// Adds bytes under the name that the caller expects.
    ///
    /// - Throws: `integrity` if the bytes have another digest; nothing is added then.
    public func put(_ bytes: [UInt8], expecting expected: Digest) throws(LetheError) {
        let digest = Digest(hashing: bytes)
        guard digest == expected else {
            throw LetheError(
                code: .integrity,
                message: "The bytes have the digest \(digest), but \(expected) was expected.",
                remedy: "Fetch them again; they were changed on the way.")
        }
        try put(bytes, named: digest)
    }

    /// Adds a file: a safetensors file as header and tensors, any other file, and a small adapter,
    /// as one object.
    ///
    /// At most 16 MiB of it are in memory at a time (`IntakePipeline.bufferCount` pieces).
    /// `onBytes` hears how many bytes were read.
    ///
    /// - Throws: `malformed` for a bad safetensors file, `io` if the file changes meanwhile.
    public func putFile(
        _ url: URL, onBytes: (Int) -> Void = { _ in }
    ) throws(LetheError) -> StoredFile {
        let source = try IntakeFile(url, limits: store.limits)
        if let small = try SmallFile(source) {
            onBytes(source.status.sizeBytes)
            return try put(small)
        }
        let sizeBytes = source.status.sizeBytes
        let intake =
            sizeBytes >= IntakePipeline.worthwhileFromBytes
            ? try putInParallel(source, onBytes: onBytes)
            : try putInTurn(source, onBytes: onBytes)
        try source.requireUnchanged()
        guard intake.parts.count > 1 else {
            return StoredFile(digest: intake.whole, sizeBytes: sizeBytes, assembly: nil)
        }
        let recipe = AssemblyRecipe(file: intake.whole, sizeBytes: sizeBytes, parts: intake.parts)
        let assembly = try put(recipe.canonicalBytes())
        try remember(intake.states.filter { $0.lengthBytes < sizeBytes }, of: assembly)
        return StoredFile(digest: intake.whole, sizeBytes: sizeBytes, assembly: assembly)
    }

    /// Adds a file that was read before.
    public func put(_ file: SmallFile) throws(LetheError) -> StoredFile {
        try put(file.bytes, named: file.digest)
        return StoredFile(digest: file.digest, sizeBytes: file.bytes.count, assembly: nil)
    }

    /// Writes down states of a file's hash beside its recipe, unless they are.
    ///
    /// Not where objects are encrypted: a state has up to 63 bytes of the file in it.
    private func remember(_ states: [HashState], of recipe: Digest) throws(LetheError) {
        let path = store.statesPath(of: recipe)
        guard !states.isEmpty, store.vault == nil, try FileStatus.of(path) == nil else { return }
        try staged.write(RememberedStates.encode(states), to: path, mode: 0o444)
    }

    /// Makes every object of the batch durable, in the order sync, rename, sync of the folders.
    ///
    /// - Throws: `diskFull`, `io`; objects that were renamed already stay, whole and unused.
    public func makeDurable() throws(LetheError) {
        try hold(Set(pending.keys).union(unconfirmed.keys))
        for (digest, bytes) in unconfirmed.sorted(by: { $0.key < $1.key }) {
            unconfirmed[digest] = nil
            try put(bytes, named: digest)
        }
        try staged.makeDurable()
        pending = [:]
    }

    /// Takes leases on digests that this batch is about to look for, all in one transaction.
    ///
    /// - Throws: `io`, `diskFull`, `conflict`.
    public func hold(_ digests: some Collection<Digest>) throws(LetheError) {
        if digests.isEmpty { return }
        let held = if let lease { lease } else { try store.leases.lease() }
        lease = held
        try held.take(digests)
    }

    /// Gives the leases back: a reference reaches the objects now, or nobody needs them.
    ///
    /// A batch that is dropped does the same.
    public func release() {
        lease = nil
        keyLock = nil
        writingKey = nil
    }

    /// Begins the file of an object at a path that `nextPath` gave.
    func writer(_ path: String, isPlain: Bool = false) throws(LetheError) -> ObjectWriter {
        try ObjectWriter(path, key: isPlain ? nil : key(), files: store.files)
    }

    /// The newest key of the line, which stays the newest as long as this batch has objects on
    /// their way; nil where nothing is encrypted.
    private func key() throws(LetheError) -> ObjectKey? {
        guard let vault = store.vault else { return nil }
        if let writingKey, writingKey.line == line { return writingKey.key }
        if keyLock == nil { keyLock = try KeyLock(store.keyLock, isShared: true) }
        let key = try vault.writingKey(of: line)
        writingKey = (line, key)
        return key
    }

    private func putInTurn(
        _ source: IntakeFile, onBytes: (Int) -> Void
    ) throws(LetheError) -> FileIntake {
        var hasher = DigestHasher()
        var parts: [AssemblyRecipe.Part] = []
        for segment in source.segments {
            let bytes = try source.bytes(of: segment)
            hasher.update(bytes)
            parts.append(
                AssemblyRecipe.Part(
                    offset: segment.lowerBound, length: segment.count, digest: try put(bytes)))
            onBytes(segment.count)
        }
        return FileIntake(parts: parts, whole: hasher.finalize(), states: [])
    }

    func put(_ bytes: [UInt8], named digest: Digest) throws(LetheError) {
        if bytes.count <= Self.confirmedLaterUpToBytes, lease?.holds(digest) != true,
            pending[digest] == nil, store.holds(digest, sizeBytes: bytes.count)
        {
            // One transaction for all leases of the batch; without its lease it may vanish until
            // then, so its bytes are kept.
            digests.insert(digest)
            unconfirmed[digest] = bytes
            return
        }
        if try isPresent(digest, sizeBytes: bytes.count) { return }
        let temporary = try nextPath()
        // Recipes name digests only, and whoever collects garbage must read them without a key.
        var writer = try writer(
            temporary, isPlain: store.vault != nil && FileRecipe.isRecipe(bytes))
        if !bytes.isEmpty { try writer.write(bytes) }
        try writer.finish()
        if bytes.count >= Self.writtenBackFromBytes { writer.startWriteback() }
        add(temporary, named: digest, sizeBytes: bytes.count)
    }

    /// Whether the object is there or on its way.
    ///
    /// One of the wrong length is torn and is replaced.
    func isPresent(_ digest: Digest, sizeBytes: Int) throws(LetheError) -> Bool {
        digests.insert(digest)
        if pending[digest] != nil { return true }
        guard store.holds(digest, sizeBytes: sizeBytes) else { return false }
        // Only what is there after it is leased cannot vanish before the reference moves.
        try hold([digest])
        guard store.holds(digest, sizeBytes: sizeBytes) else { return false }
        // Another writer may have renamed it without having synced the folder yet.
        staged.alsoSync(store.folder(of: digest))
        staged.alsoSync(store.folder)
        return true
    }

    /// Where the bytes of an object are that is on its way.
    func pendingPath(of digest: Digest) -> String? { pending[digest] }

    func add(_ temporary: String, named digest: Digest, sizeBytes: Int) {
        pending[digest] = temporary
        staged.add(temporary, as: store.path(of: digest))
        newSizeBytes += sizeBytes
    }

    func nextPath() throws(LetheError) -> String { try staged.nextPath() }
}
