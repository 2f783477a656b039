internal import Foundation
internal import LetheRecords
internal import Synchronization

/// A file that several threads may read.
final class OpenFile: Sendable {
    let file: FileDescriptor

    init(_ file: consuming FileDescriptor) {
        self.file = file
    }
}

/// Reads a file once, on two threads, for a third that writes.
///
///     reader: reads, hashes the whole file  →  hasher: hashes each segment  →  caller: writes
///
/// The hash of a whole file cannot be split, so it has a thread of its own; the pieces go from
/// thread to thread in a ring of buffers, and what is written is exactly what was hashed.
final class IntakePipeline: Sendable {
    /// Shorter files are not worth the threads.
    static let worthwhileFromBytes = 2 << 20
    /// Buffers in the ring: room for a segment that is held until its digest is known, and for
    /// every thread to have work meanwhile.
    static let bufferCount = 64
    /// Segments up to this many pieces are held until their digest is known.
    static let heldUpToPieces = 8

    /// Some bytes of a segment; the last piece of a segment carries the digest.
    struct Piece: Sendable {
        var bytes: [UInt8]
        let segment: Int
        let isLast: Bool
        var digest: Digest?
    }

    private let free: BoundedQueue<[UInt8]>
    private let read: BoundedQueue<Piece>
    private let hashed: BoundedQueue<Piece>
    private let whole = Mutex<Digest?>(nil)
    private let threads = DispatchGroup()

    /// Starts to read.
    init(_ source: OpenFile, _ segments: [Range<Int>]) {
        free = BoundedQueue(capacity: Self.bufferCount)
        read = BoundedQueue(capacity: Self.bufferCount)
        hashed = BoundedQueue(capacity: Self.bufferCount)
        for _ in 0..<Self.bufferCount { _ = free.push([]) }
        start { pipeline throws(LetheError) in try pipeline.readAll(source, segments) }
        start { pipeline throws(LetheError) in try pipeline.hashAll() }
    }

    /// The next piece, in the order of the file; nil at the end.
    ///
    /// - Throws: what reading threw; `io` if the file ended early.
    func next() throws(LetheError) -> Piece? { try hashed.pop() }

    /// Takes a buffer back.
    func recycle(_ buffer: consuming [UInt8]) { _ = free.push(buffer) }

    /// The digest of the whole file; nil before `next` gave nil, and if the file is one segment.
    var wholeDigest: Digest? { whole.withLock { $0 } }

    /// Ends the threads, whatever they are doing, and waits for them.
    func stop() {
        free.close()
        read.close()
        hashed.close()
        threads.wait()
    }

    private func start(
        _ work: @escaping @Sendable (IntakePipeline) throws(LetheError) -> Void
    ) {
        threads.enter()
        Thread.detachNewThread { [self] in
            do throws(LetheError) { try work(self) } catch { hashed.close(error) }
            threads.leave()
        }
    }

    private func readAll(
        _ source: OpenFile, _ segments: [Range<Int>]
    ) throws(LetheError) {
        source.file.willReadInOrder()
        var hasher = DigestHasher()
        for (number, segment) in segments.enumerated() {
            var offset = segment.lowerBound
            repeat {
                guard var buffer = try free.pop() else { return }
                let count = min(ObjectStore.pieceSizeBytes, segment.upperBound - offset)
                try source.file.read(into: &buffer, at: offset, count: count)
                guard buffer.count == count else { throw ObjectBatch.changed(source.file.path) }
                if segments.count > 1 { hasher.update(buffer) }
                offset += count
                let piece = Piece(
                    bytes: buffer, segment: number, isLast: offset == segment.upperBound)
                buffer = []
                guard read.push(piece) else { return }
            } while offset < segment.upperBound
        }
        if segments.count > 1 {
            let digest = hasher.finalize()
            whole.withLock { $0 = digest }
        }
        read.close()
    }

    private func hashAll() throws(LetheError) {
        var hasher = DigestHasher()
        while var piece = try read.pop() {
            hasher.update(piece.bytes)
            if piece.isLast {
                piece.digest = hasher.finalize()
                hasher = DigestHasher()
            }
            guard hashed.push(piece) else { return }
        }
        hashed.close()
    }
}
