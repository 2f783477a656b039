public import Foundation
public import LetheRecords

/// Merges a low-rank delta into its base: the function `lethe.merge.v1` of docs/FORMAT.md.
///
/// For each adapted weight W [out, in] with down A [rank, in] and up B [out, rank]:
///
///     sum = 0; for k in 0 ..< rank: sum = sum + B[i, k] * A[k, j]
///     W'[i, j] = round(W[i, j] + scale * sum)
///
/// Every operation is one IEEE 754 float32 operation, rounded to nearest even, in that order, never
/// fused; `round` goes to the element type of the file. So every machine gets the same bytes. All
/// other bytes of the base, its header included, stay as they are.
public enum DeltaMerge {
    /// The name that manifests give this function.
    public static let name = "lethe.merge.v1"

    /// Writes `base` with `delta` merged into it to `target`, which must not exist.
    ///
    /// - Parameter digest: SHA-256 of the only base that the delta may be merged into.
    /// - Throws: `integrity` for another base; `malformed` or `numerical` for a delta that does not
    ///   fit it; `unsupported` for a weight that is neither F32, F16 nor BF16; `io`, `diskFull`.
    ///   Nothing is left at `target` then.
    public static func merge(
        base: URL, expecting digest: Digest, delta: URL, to target: URL
    ) throws(LetheError) {
        let update = try LowRankDelta(reading: delta)
        let weights = try SafetensorsReading(base)
        for layer in update.layers { try requireFit(layer, weights) }
        let output = try FileDescriptor.creating(target.path, mode: 0o644)
        do throws(LetheError) {
            try write(weights, expecting: digest, update, to: output)
        } catch {
            try? FileManager.default.removeItem(at: target)
            throw error
        }
    }

    private static func requireFit(
        _ layer: LowRankDelta.Layer, _ weights: SafetensorsReading
    ) throws(LetheError) {
        let entry = try weights.entry(named: layer.weightName)
        guard entry.shape == [layer.outputCount, layer.inputCount] else {
            throw LetheError(
                code: .malformed,
                message: "The delta for \(layer.module) is \(layer.outputCount) × "
                    + "\(layer.inputCount), the weight is \(entry.shape).",
                remedy: "A delta fits only the base that it was made from.")
        }
        _ = try WeightFormat(entry)
    }

    private static func write(
        _ weights: SafetensorsReading, expecting digest: Digest, _ update: LowRankDelta,
        to output: borrowing FileDescriptor
    ) throws(LetheError) {
        let layers = Dictionary(update.layers.map { ($0.weightName, $0) }) { first, _ in first }
        var hasher = DigestHasher()
        hasher.update(weights.header.bytes)
        try output.write(weights.header.bytes)
        for entry in weights.header.entries {
            let bytes = try weights.bytes(of: entry)
            hasher.update(bytes)
            guard let layer = layers[entry.name] else {
                try output.write(bytes)
                continue
            }
            let format = try WeightFormat(entry)
            let merged = layer.merged(into: format.floats(bytes), scale: update.scale)
            try output.write(format.bytes(merged))
        }
        guard hasher.finalize() == digest else {
            throw LetheError(
                code: .integrity,
                message: "The delta belongs to the base \(digest), and this is another file.",
                remedy: "Take the weights of the version that the delta was made from.")
        }
    }
}
