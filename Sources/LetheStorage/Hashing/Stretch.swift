internal import LetheRecords

/// Some parts of a file in a row, which one thread hashes.
struct Stretch: Sendable {
    let file: StoredFile
    /// At least one, unless the file is empty.
    let parts: ArraySlice<AssemblyRecipe.Part>
    /// The state of the file's hash before them.
    let before: HashState
    /// What it must be behind them; nil for the last, behind which the file has its digest.
    let after: HashState?

    /// Whether the stretch is all of the file.
    var isWhole: Bool { before.lengthBytes == 0 && after == nil }

    var sizeBytes: Int { parts.reduce(0) { $0 + $1.length } }

    /// Cuts a file at states, in ascending order, that lie between two parts.
    ///
    /// The file has its digest if every stretch is confirmed, whatever the states are: each begins
    /// with what the one before it must end with.
    static func cut(
        _ file: StoredFile, _ parts: [AssemblyRecipe.Part], at states: [HashState]
    ) -> [Stretch] {
        var stretches: [Stretch] = []
        var before = HashState()
        var first = parts.startIndex
        var waiting = states[...]
        for place in parts.indices.dropFirst() {
            while let state = waiting.first, state.lengthBytes < parts[place].offset {
                waiting.removeFirst()
            }
            guard let state = waiting.first, state.lengthBytes == parts[place].offset else {
                continue
            }
            stretches.append(
                Stretch(file: file, parts: parts[first..<place], before: before, after: state))
            (before, first) = (state, place)
        }
        stretches.append(Stretch(file: file, parts: parts[first...], before: before, after: nil))
        return stretches
    }
}
