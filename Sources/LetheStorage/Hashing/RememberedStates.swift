internal import LetheRecords

/// States of a stored file's SHA-256 behind some of its parts, written down when it was stored.
///
/// With them the stretches between can be hashed at once, and each confirms the state at its end, so
/// nothing is believed: a wrong state costs time and no more. They lie in `states/`, named as the
/// recipe is, and may be removed at any time (docs/FORMAT.md).
enum RememberedStates {
    /// At least this many bytes lie between two of them.
    static let spacingBytes = 4 << 20
    private static let entrySizeBytes = 8 + HashState.encodedSizeBytes
    /// A recipe has at most some two hundred thousand parts.
    private static let maximumCount = 1 << 18

    /// Whether a state is worth remembering after another one.
    static func isDue(_ state: HashState, after last: HashState?) -> Bool {
        state.lengthBytes - (last?.lengthBytes ?? 0) >= spacingBytes
    }

    /// For each state the offset in the file, big-endian, the words and the block.
    static func encode(_ states: [HashState]) -> [UInt8] {
        states.flatMap { state in
            stride(from: 56, through: 0, by: -8).map {
                UInt8(truncatingIfNeeded: state.lengthBytes >> $0)
            } + state.encoded
        }
    }

    /// What is in such a file, in ascending order; nothing if it is none.
    static func decode(_ bytes: [UInt8]) -> [HashState] {
        guard bytes.count.isMultiple(of: entrySizeBytes) else { return [] }
        var states: [HashState] = []
        for start in stride(from: 0, to: bytes.count, by: entrySizeBytes) {
            let entry = bytes[start..<start + entrySizeBytes]
            let offset = entry.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard let lengthBytes = Int(exactly: offset),
                lengthBytes > states.last?.lengthBytes ?? 0
            else { return [] }
            states.append(HashState(entry.dropFirst(8), lengthBytes: lengthBytes))
        }
        return states
    }

    /// What is remembered of the file of a recipe; nothing if anything about it is odd.
    static func read(_ path: String) -> [HashState] {
        var bytes: [UInt8] = []
        guard let file = try? FileDescriptor.reading(path), let status = try? file.status(),
            status.isRegular, status.sizeBytes <= maximumCount * entrySizeBytes,
            (try? file.read(into: &bytes, at: 0, count: status.sizeBytes)) != nil
        else { return [] }
        return decode(bytes)
    }

    /// Removes what is remembered of recipes that are gone.
    static func sweep(_ store: ObjectStore) throws(LetheError) {
        for name in FolderListing.names(in: store.states) {
            if let recipe = Digest(hex: name), store.contains(recipe) { continue }
            try store.files.remove("\(store.states)/\(name)")
        }
    }
}

extension ObjectStore {
    /// Where the states of a recipe's file lie, if they are remembered.
    func statesPath(of recipe: Digest) -> String { "\(states)/\(recipe.hex)" }

    /// The stretches of a file that can be hashed at once; one if nothing is remembered.
    func stretches(of file: StoredFile, _ parts: [AssemblyRecipe.Part]) -> [Stretch] {
        guard StreamHasher.hasInstructions, let recipe = file.assembly else {
            return Stretch.cut(file, parts, at: [])
        }
        return Stretch.cut(file, parts, at: RememberedStates.read(statesPath(of: recipe)))
    }
}
