internal import Foundation
public import LetheRecords
internal import Synchronization

/// Hashes a file on another thread while the caller reads and writes it.
final class HashingThread: Sendable {
    /// Buffers in the ring.
    static let bufferCount = 32

    private let free = BoundedQueue<[UInt8]>(capacity: bufferCount)
    private let filled = BoundedQueue<[UInt8]>(capacity: bufferCount)
    private let digest = Mutex<Digest?>(nil)
    private let thread = DispatchGroup()

    init() {
        for _ in 0..<Self.bufferCount { _ = free.push([]) }
        thread.enter()
        Thread.detachNewThread { [self] in
            hashAll()
            thread.leave()
        }
    }

    /// A buffer to fill.
    func buffer() throws(LetheError) -> [UInt8] { try free.pop() ?? [] }

    /// Hashes the bytes after those that came before.
    func hash(_ bytes: consuming [UInt8]) { _ = filled.push(bytes) }

    /// The digest of everything that came.
    func finish() -> Digest? {
        filled.close()
        thread.wait()
        return digest.withLock { $0 }
    }

    private func hashAll() {
        var hasher = DigestHasher()
        while let bytes = (try? filled.pop()) ?? nil {
            hasher.update(bytes)
            _ = free.push(bytes)
        }
        let found = hasher.finalize()
        digest.withLock { $0 = found }
    }
}

extension ObjectStore {
    /// Writes a stored file into an open file and verifies every byte.
    ///
    /// The digest of the whole file decides: it covers every byte and is what the records name, so
    /// the parts are not hashed as well. Only if it does not match are they, to say which one is
    /// damaged. Where states are remembered, all cores hash.
    ///
    /// - Throws: as `stream`.
    func copy(
        _ file: StoredFile, to target: OpenFile, onBytes: (Int) -> Void
    ) throws(LetheError) {
        guard let parts = try parts(of: file) else {
            // A derived file is computed piece by piece; both its base and it are hashed on the way.
            return try stream(file) { (piece) throws(LetheError) in
                try target.file.write(piece)
                onBytes(piece.count)
            }
        }
        let stretches = stretches(of: file, parts)
        if stretches.count > 1,
            try StretchCopy.run(stretches, of: self, to: target, onBytes: onBytes)
        {
            return
        }
        let hashing = HashingThread()
        do throws(LetheError) {
            for part in parts {
                try copy(part, of: file, to: target.file, hashing, onBytes: onBytes)
            }
        } catch {
            _ = hashing.finish()
            throw error
        }
        guard hashing.finish() == file.digest else {
            try stream(file) { (_) throws(LetheError) in }
            throw mismatch(file)
        }
    }

    /// The parts of a file in order; nil for a file that is derived from others.
    ///
    /// - Throws: `notFound` or `integrity` for a recipe that is not there or is damaged.
    public func parts(of file: StoredFile) throws(LetheError) -> [AssemblyRecipe.Part]? {
        switch try recipe(of: file) {
        case nil: [AssemblyRecipe.Part(offset: 0, length: file.sizeBytes, digest: file.digest)]
        case .assembly(let recipe): recipe.parts
        case .derivation: nil
        }
    }

    /// What is wrong with a stored file as a whole; nil if it has its digest and length.
    ///
    /// Its parts are hashed only if it is not whole, to say which one is damaged.
    func failure(of file: StoredFile, onBytes: (Int) -> Void) -> LetheError? {
        do throws(LetheError) {
            guard let parts = try parts(of: file) else {
                try stream(file) { (piece) throws(LetheError) in onBytes(piece.count) }
                return nil
            }
            var hasher = DigestHasher()
            var buffer: [UInt8] = []
            for part in parts {
                let source = try open(part, of: file)
                for offset in stride(from: 0, to: part.length, by: Self.pieceSizeBytes) {
                    try read(part, of: file, at: offset, from: source, into: &buffer)
                    hasher.update(buffer)
                    onBytes(buffer.count)
                }
            }
            if hasher.finalize() == file.digest { return nil }
            try stream(file) { (_) throws(LetheError) in }
            return mismatch(file)
        } catch {
            return error
        }
    }

    private func copy(
        _ part: AssemblyRecipe.Part, of file: StoredFile, to target: borrowing FileDescriptor,
        _ hashing: HashingThread, onBytes: (Int) -> Void
    ) throws(LetheError) {
        let source = try open(part, of: file)
        for offset in stride(from: 0, to: part.length, by: Self.pieceSizeBytes) {
            var buffer = try hashing.buffer()
            try read(part, of: file, at: offset, from: source, into: &buffer)
            try target.write(buffer)
            let count = buffer.count
            hashing.hash(buffer)
            buffer = []
            onBytes(count)
        }
    }

    /// Opens a part whose length is what the recipe says: that is a limit, never hand over more.
    func open(
        _ part: AssemblyRecipe.Part, of file: StoredFile
    ) throws(LetheError) -> OpenObject {
        let source = try open(part.digest)
        guard source.sizeBytes == part.length else {
            try stream(part.digest) { (_) throws(LetheError) in }
            throw mismatch(file)
        }
        return source
    }

    private func read(
        _ part: AssemblyRecipe.Part, of file: StoredFile, at offset: Int,
        from source: OpenObject, into buffer: inout [UInt8]
    ) throws(LetheError) {
        let count = min(Self.pieceSizeBytes, part.length - offset)
        try source.read(into: &buffer, at: offset, count: count)
        guard buffer.count == count else { throw mismatch(file) }
    }
}
