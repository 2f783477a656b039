internal import LetheRecords

/// Reads a stretch of a file piece by piece, and hashes what was read.
struct StretchReader {
    /// Where the bytes that were just read belong.
    struct Piece {
        let part: AssemblyRecipe.Part
        /// In the file.
        let offset: Int
        let isLastOfPart: Bool
    }

    private let store: ObjectStore
    private let stretch: Stretch
    private var waiting: ArraySlice<AssemblyRecipe.Part>
    private var source: OpenObject?
    /// In the part that is being read.
    private var offset = 0
    private var whole: StreamHasher
    private var part = StreamHasher()
    /// The bytes that were just read; none at the end.
    private(set) var bytes: [UInt8] = []

    init(_ stretch: Stretch, of store: ObjectStore) {
        self.store = store
        self.stretch = stretch
        waiting = stretch.parts
        whole =
            stretch.before.lengthBytes == 0
            ? StreamHasher() : StreamHasher(resuming: stretch.before) ?? StreamHasher()
    }

    /// Reads the next piece into `bytes`; nil at the end.
    ///
    /// - Throws: `notFound`; `integrity` if a part is not as long as the recipe says.
    mutating func next() throws(LetheError) -> Piece? {
        guard let current = waiting.first else {
            bytes = []
            return nil
        }
        let opened =
            if let source { source } else { try store.open(current, of: stretch.file) }
        let count = min(ObjectStore.pieceSizeBytes, current.length - offset)
        try opened.read(into: &bytes, at: offset, count: count)
        guard bytes.count == count else { throw store.mismatch(stretch.file) }
        let start = current.offset + offset
        offset += count
        let isLast = offset == current.length
        source = isLast ? nil : opened
        if isLast {
            waiting.removeFirst()
            offset = 0
        }
        return Piece(part: current, offset: start, isLastOfPart: isLast)
    }

    /// Hashes the bytes as part of the whole file alone.
    mutating func hashWhole() { whole.update(bytes) }

    /// Hashes the bytes as part of the whole file and as part of their object.
    ///
    /// - Returns: false if they were the last of an object that does not have its digest.
    mutating func hashWholeAndPart(_ piece: Piece) -> Bool {
        StreamHasher.update(&whole, bytes, &part, bytes)
        guard piece.isLastOfPart else { return true }
        defer { part = StreamHasher() }
        return part.finalize() == piece.part.digest
    }

    /// Hashes the bytes of two stretches as parts of their files.
    static func hashWholes(_ one: inout StretchReader, _ other: inout StretchReader) {
        StreamHasher.update(&one.whole, one.bytes, &other.whole, other.bytes)
    }

    /// Whether everything that was hashed comes to what the stretch must come to.
    var isConfirmed: Bool {
        guard let after = stretch.after else { return whole.finalize() == stretch.file.digest }
        return whole.state == after
    }
}
