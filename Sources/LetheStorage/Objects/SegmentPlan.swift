internal import LetheRecords

/// At which sizes a safetensors file is cut into objects.
struct SegmentLimits: Sendable {
    /// Tensors below this size are joined with tiny neighbours.
    var tinyBelowBytes = 64 << 10
    /// Joined neighbours stay at or below this size.
    var joinUpToBytes = 1 << 20
    /// Longer tensors are cut into pieces of this size.
    var splitAtBytes = 64 << 20
}

/// Where a safetensors file is cut: header, then tensors, tiny neighbours joined, giants split.
///
/// Cuts depend on the sizes of the tensors alone, never on their bytes, so two versions of one
/// architecture are cut alike and share every object whose tensors did not change.
struct SegmentPlan {
    let limits: SegmentLimits
    private(set) var segments: [Range<Int>] = []

    init(_ header: SafetensorsHeader, limits: SegmentLimits = SegmentLimits()) {
        self.limits = limits
        let start = header.headerSizeBytes
        segments = [0..<start]
        var joined = start..<start
        for entry in header.entries {
            let tensor = entry.dataRange.lowerBound + start..<entry.dataRange.upperBound + start
            let isTiny = tensor.count < limits.tinyBelowBytes
            if !isTiny || joined.count + tensor.count > limits.joinUpToBytes {
                append(joined)
                joined = tensor.lowerBound..<tensor.lowerBound
            }
            if isTiny {
                joined = joined.lowerBound..<tensor.upperBound
            } else {
                split(tensor)
                joined = tensor.upperBound..<tensor.upperBound
            }
        }
        append(joined)
    }

    private mutating func append(_ segment: Range<Int>) {
        if !segment.isEmpty { segments.append(segment) }
    }

    private mutating func split(_ tensor: Range<Int>) {
        var begin = tensor.lowerBound
        while begin < tensor.upperBound {
            let end = min(begin + limits.splitAtBytes, tensor.upperBound)
            segments.append(begin..<end)
            begin = end
        }
    }
}
