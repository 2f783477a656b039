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
    /// The name that manifests and derivations give this function.
    public static let name = "lethe.merge.v1"

    private static let pieceSizeBytes = 1 << 20

    /// Hands over `base` with `delta` merged into it, piece by piece.
    ///
    /// The pieces come before the verdict on the base: do not rely on them until this returns.
    ///
    /// - Parameter digest: SHA-256 of the only base that the delta may be merged into.
    /// - Throws: `integrity` for another base; `malformed` or `numerical` for a delta that does not
    ///   fit it; `unsupported` for a weight that is neither F32, F16 nor BF16; `io`; what `body`
    ///   throws.
    public static func merge(
        base: URL, expecting digest: Digest, delta: URL,
        _ body: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        let source = try FileDescriptor.reading(base.path)
        let sizeBytes = try source.status().sizeBytes
        var stream = try MergeStream(LowRankDelta(reading: delta), baseSizeBytes: sizeBytes)
        var hasher = DigestHasher()
        var piece: [UInt8] = []
        for offset in Swift.stride(from: 0, to: sizeBytes, by: pieceSizeBytes) {
            try source.read(
                into: &piece, at: offset, count: min(pieceSizeBytes, sizeBytes - offset))
            hasher.update(piece)
            try body(stream.consume(piece))
        }
        try stream.finish()
        guard hasher.finalize() == digest else {
            throw LetheError(
                code: .integrity,
                message: "The delta belongs to the base \(digest), and this is another file.",
                remedy: "Take the weights of the version that the delta was made from.")
        }
    }

    /// What the merged file will be, without writing it.
    ///
    /// - Throws: as `merge`.
    public static func identity(
        base: URL, expecting digest: Digest, delta: URL
    ) throws(LetheError) -> (digest: Digest, sizeBytes: Int) {
        var hasher = DigestHasher()
        var sizeBytes = 0
        try merge(base: base, expecting: digest, delta: delta) { (piece) throws(LetheError) in
            hasher.update(piece)
            sizeBytes += piece.count
        }
        return (hasher.finalize(), sizeBytes)
    }
}
