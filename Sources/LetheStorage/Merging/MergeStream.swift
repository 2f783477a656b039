internal import LetheRecords

/// Merges a delta into a base while the base's bytes go by, row by row.
///
/// Neither the base nor the result is ever whole in memory. `DeltaMerge` says what is computed.
struct MergeStream {
    private let delta: LowRankDelta
    private let layers: [String: LowRankDelta.Layer]
    private let sizeBytes: Int
    private var header: SafetensorsHeader?
    /// The beginning of the file until the header is whole; after that the row that is being read.
    private var waiting: [UInt8] = []
    /// Entries whose bytes are still to come, the next one last.
    private var entries: [SafetensorsHeader.Entry] = []
    private var offsetInEntry = 0

    /// Prepares for a base of a length in bytes.
    init(_ delta: LowRankDelta, baseSizeBytes: Int) {
        self.delta = delta
        layers = Dictionary(delta.layers.map { ($0.weightName, $0) }) { first, _ in first }
        sizeBytes = baseSizeBytes
    }

    /// Takes the next bytes of the base and gives the bytes of the result that follow from them.
    ///
    /// - Throws: `malformed` if the base is no safetensors file or the delta does not fit it,
    ///   `unsupported` for a weight of another element type.
    mutating func consume(_ piece: [UInt8]) throws(LetheError) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(piece.count)
        var rest = piece[...]
        if header == nil { rest = try consumeHeader(rest, &output) }
        while !rest.isEmpty, let entry = entries.last {
            if let layer = layers[entry.name] {
                try consumeRow(of: layer, entry, &rest, &output)
            } else {
                let count = min(rest.count, entry.dataRange.count - offsetInEntry)
                output += rest.prefix(count)
                advance(count, &rest)
            }
        }
        return output
    }

    /// Says that the base is over.
    ///
    /// - Throws: `malformed` if bytes are missing.
    func finish() throws(LetheError) {
        guard header != nil, entries.isEmpty else {
            throw LetheError(code: .malformed, message: "The base of a delta ends too early.")
        }
    }

    private mutating func consumeHeader(
        _ piece: ArraySlice<UInt8>, _ output: inout [UInt8]
    ) throws(LetheError) -> ArraySlice<UInt8> {
        waiting += piece
        guard waiting.count >= 8 || waiting.count == sizeBytes else { return [] }
        let end = 8 + (try SafetensorsHeader.jsonLength(ofFirstEight: Array(waiting.prefix(8))))
        guard waiting.count >= min(end, sizeBytes) else { return [] }
        let found = try SafetensorsHeader(parsing: waiting, fileSizeBytes: sizeBytes)
        let named = Dictionary(found.entries.map { ($0.name, $0) }) { first, _ in first }
        for layer in delta.layers { try requireFit(layer, named) }
        output += waiting.prefix(found.headerSizeBytes)
        let rest = waiting.dropFirst(found.headerSizeBytes)
        entries = found.entries.filter { !$0.dataRange.isEmpty }.reversed()
        header = found
        waiting = []
        return rest
    }

    private func requireFit(
        _ layer: LowRankDelta.Layer, _ entries: [String: SafetensorsHeader.Entry]
    ) throws(LetheError) {
        guard let entry = entries[layer.weightName] else {
            throw LetheError(
                code: .malformed, message: "The base has no tensor \(layer.weightName).",
                remedy: "A delta fits only the base that it was made from.")
        }
        guard entry.shape == layer.weightShape else {
            throw LetheError(
                code: .malformed,
                message: "The delta for \(layer.module) is for a weight of shape "
                    + "\(layer.weightShape), and this one's is \(entry.shape).",
                remedy: "A delta fits only the base that it was made from.")
        }
        _ = try WeightFormat(entry)
    }

    private mutating func consumeRow(
        of layer: LowRankDelta.Layer, _ entry: SafetensorsHeader.Entry,
        _ rest: inout ArraySlice<UInt8>, _ output: inout [UInt8]
    ) throws(LetheError) {
        let rowSizeBytes = entry.dataRange.count / layer.outputCount
        let row = offsetInEntry / rowSizeBytes
        let count = min(rest.count, rowSizeBytes - waiting.count)
        waiting += rest.prefix(count)
        advance(count, &rest)
        guard waiting.count == rowSizeBytes else { return }
        let format = try WeightFormat(entry)
        output += format.bytes(
            layer.merged(row: row, into: format.floats(waiting), scale: delta.scale))
        waiting.removeAll(keepingCapacity: true)
    }

    private mutating func advance(_ count: Int, _ rest: inout ArraySlice<UInt8>) {
        rest = rest.dropFirst(count)
        offsetInEntry += count
        if offsetInEntry == entries.last?.dataRange.count {
            entries.removeLast()
            offsetInEntry = 0
        }
    }
}
