public import LetheRecords

extension ObjectStore {
    /// Hands over a run of a stored file's bytes piece by piece, for somebody far away.
    ///
    /// What was sent cannot be taken back, so the last piece of each object is handed over only
    /// when the whole object had its digest: a damaged object never goes out whole, and whoever
    /// resumes behind what arrived comes to the same object again. Of an object that the run only
    /// touches everything is read. The whole is not hashed as well: its recipe is the one that the
    /// signed manifest names, and `fsck` compares the two.
    ///
    /// - Parameter range: Offsets in the file, within `0..<file.sizeBytes`.
    /// - Throws: `notFound`; `integrity` if something does not match; what `body` throws.
    public func stream(
        _ file: StoredFile, range: Range<Int>, _ body: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        guard let parts = try parts(of: file) else {
            // A derived file is computed from its beginning, wherever the run begins.
            var run = HeldRun(range, from: 0)
            try stream(file) { (piece) throws(LetheError) in try run.take(piece, body) }
            return try run.finish(body)
        }
        for part in parts {
            let span = part.offset..<(part.offset + part.length)
            guard span.overlaps(range) else { continue }
            let whole = StoredFile(
                digest: part.digest, sizeBytes: part.length, assembly: nil)
            var run = HeldRun(range, from: part.offset)
            try stream(whole) { (piece) throws(LetheError) in try run.take(piece, body) }
            try run.finish(body)
        }
    }
}

/// Cuts a run out of pieces that come in order, and holds the last piece of it back.
private struct HeldRun {
    private let range: Range<Int>
    private var position: Int
    private var held: [UInt8] = []

    init(_ range: Range<Int>, from position: Int) {
        self.range = range
        self.position = position
    }

    mutating func take(
        _ piece: [UInt8], _ body: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        let start = position
        position += piece.count
        let wanted = (start..<position).clamped(to: range)
        if wanted.isEmpty { return }
        try finish(body)
        held =
            wanted.count == piece.count
            ? piece : Array(piece[(wanted.lowerBound - start)..<(wanted.upperBound - start)])
    }

    mutating func finish(_ body: ([UInt8]) throws(LetheError) -> Void) throws(LetheError) {
        if held.isEmpty { return }
        try body(held)
        held = []
    }
}
