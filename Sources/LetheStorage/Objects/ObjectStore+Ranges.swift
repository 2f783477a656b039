public import LetheRecords

extension ObjectStore {
    /// A run of a verified object that goes in one piece.
    private static let runSizeBytes = 1 << 19

    /// Hands over a run of a stored file's bytes piece by piece, for somebody far away.
    ///
    /// What was sent cannot be taken back. So the first time, the last piece of each object is
    /// handed over only when the whole object had its digest: a damaged object never goes out
    /// whole, and whoever resumes behind what arrived comes to the same object again. From then on,
    /// as long as the file system says that nobody has touched the object, its runs are handed over
    /// unread (docs/decisions/0043-verified-once-sent-by-the-kernel.md). The file as a whole is not
    /// hashed: its recipe is the one that the signed manifest names, and `fsck` compares the two.
    ///
    /// - Parameter range: Offsets in the file, within `0..<file.sizeBytes`.
    /// - Throws: `notFound`; `integrity` if something does not match; what `body` throws.
    public func serve(
        _ file: StoredFile, range: Range<Int>, _ body: (ServedPiece) throws(LetheError) -> Void
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
            try serve(part, of: file, range: range, body)
        }
    }

    /// Hands over a run of a stored file's bytes, as `serve` does, in memory.
    ///
    /// - Throws: as `serve`.
    public func stream(
        _ file: StoredFile, range: Range<Int>, _ body: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        try serve(file, range: range) { (piece) throws(LetheError) in try body(piece.read()) }
    }

    private func serve(
        _ part: AssemblyRecipe.Part, of file: StoredFile, range: Range<Int>,
        _ body: (ServedPiece) throws(LetheError) -> Void
    ) throws(LetheError) {
        let object = try open(part.digest)
        let status = try object.status()
        guard object.sizeBytes == part.length else { throw mismatch(file) }
        if verified.contains(part.digest, status) {
            let wanted = range.clamped(to: part.offset..<(part.offset + part.length))
            return try serve(
                UnchangedObject(object, part.digest, status),
                (wanted.lowerBound - part.offset)..<(wanted.upperBound - part.offset), body)
        }
        let isSettled = verified.isSettled(status)
        var run = HeldRun(range, from: part.offset)
        let isWhole = try Self.isWhole(object, part.digest) { (piece) throws(LetheError) in
            try run.take(piece, body)
        }
        guard isWhole else { throw damaged(part.digest) }
        if isSettled, try object.status() == status { verified.remember(part.digest, status) }
        try run.finish(body)
    }

    private func serve(
        _ object: UnchangedObject, _ range: Range<Int>,
        _ body: (ServedPiece) throws(LetheError) -> Void
    ) throws(LetheError) {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.runSizeBytes) {
            try object.requireUnchanged()
            try body(object.piece(start..<min(start + Self.runSizeBytes, range.upperBound)))
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
        _ piece: [UInt8], _ body: (ServedPiece) throws(LetheError) -> Void
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

    mutating func finish(
        _ body: (ServedPiece) throws(LetheError) -> Void
    ) throws(LetheError) {
        if held.isEmpty { return }
        try body(.bytes(held))
        held = []
    }
}
