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
///     reader: reads  →  hasher: hashes each segment and the whole file at once  →  caller: writes
///
/// The pieces go from thread to thread in a ring of buffers, and what is written is exactly what
/// was hashed.
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
    private let whole = Mutex<(digest: Digest?, states: [HashState])>((nil, []))
    private let threads = DispatchGroup()

    /// Starts to read.
    init(_ source: OpenFile, _ segments: [Range<Int>]) {
        free = BoundedQueue(capacity: Self.bufferCount)
        read = BoundedQueue(capacity: Self.bufferCount)
        hashed = BoundedQueue(capacity: Self.bufferCount)
        for _ in 0..<Self.bufferCount { _ = free.push([]) }
        start { pipeline throws(LetheError) in try pipeline.readAll(source, segments) }
        start { pipeline throws(LetheError) in
            try pipeline.hashAll(isSingle: segments.count == 1)
        }
    }

    /// The next piece, in the order of the file; nil at the end.
    ///
    /// - Throws: what reading threw; `io` if the file ended early.
    func next() throws(LetheError) -> Piece? { try hashed.pop() }

    /// Takes a buffer back.
    func recycle(_ buffer: consuming [UInt8]) { _ = free.push(buffer) }

    /// The digest of the whole file; nil before `next` gave nil, and if the file is one segment.
    var wholeDigest: Digest? { whole.withLock { $0.digest } }

    /// States of the hash of the whole file behind some segments, worth remembering.
    var states: [HashState] { whole.withLock { $0.states } }

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
        for (number, segment) in segments.enumerated() {
            var offset = segment.lowerBound
            repeat {
                guard var buffer = try free.pop() else { return }
                let count = min(ObjectStore.pieceSizeBytes, segment.upperBound - offset)
                try source.file.read(into: &buffer, at: offset, count: count)
                guard buffer.count == count else { throw IntakeFile.changed(source.file.path) }
                offset += count
                let piece = Piece(
                    bytes: buffer, segment: number, isLast: offset == segment.upperBound)
                buffer = []
                guard read.push(piece) else { return }
            } while offset < segment.upperBound
        }
        read.close()
    }

    /// A file that is one segment is hashed once.
    private func hashAll(isSingle: Bool) throws(LetheError) {
        var hasher = StreamHasher()
        var file = StreamHasher()
        var states: [HashState] = []
        while var piece = try read.pop() {
            if isSingle {
                hasher.update(piece.bytes)
            } else {
                StreamHasher.update(&hasher, piece.bytes, &file, piece.bytes)
            }
            if piece.isLast {
                piece.digest = hasher.finalize()
                hasher = StreamHasher()
                if let state = file.state, RememberedStates.isDue(state, after: states.last) {
                    states.append(state)
                }
            }
            guard hashed.push(piece) else { return }
        }
        let digest = isSingle ? nil : file.finalize()
        whole.withLock { $0 = (digest, states) }
        hashed.close()
    }
}
