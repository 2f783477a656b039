import Foundation
import LetheRecords

/// How an image is resampled; the raw values are those of `resample` in `preprocessor_config.json`
/// (Pillow's `Resampling`).
public enum ResamplingFilter: Int, Sendable, Hashable {
    /// The nearest pixel.
    case nearest = 0
    /// Windowed sinc with three lobes.
    case lanczos = 1
    /// Triangle.
    case bilinear = 2
    /// Keys' cubic with a = -0.5.
    case bicubic = 3
    /// Mean over the covered area.
    case box = 4
    /// Hamming-windowed sinc with one lobe.
    case hamming = 5

    /// Where the filter becomes zero, in source pixels at scale 1.
    var support: Double {
        switch self {
        case .nearest: 0
        case .box: 0.5
        case .bilinear, .hamming: 1
        case .bicubic: 2
        case .lanczos: 3
        }
    }

    /// The filter's weight at a distance from its centre.
    func weight(at distance: Double) -> Double {
        let x = abs(distance)
        switch self {
        case .nearest: return 0
        case .box: return distance > -0.5 && distance <= 0.5 ? 1 : 0
        case .bilinear: return max(0, 1 - x)
        case .hamming:
            if x >= 1 { return 0 }
            if x == 0 { return 1 }
            return sin(x * .pi) / (x * .pi) * (0.54 + 0.46 * cos(x * .pi))
        case .bicubic:
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
            return 0
        case .lanczos:
            guard distance >= -3, distance < 3 else { return 0 }
            return Self.sinc(distance) * Self.sinc(distance / 3)
        }
    }

    private static func sinc(_ x: Double) -> Double {
        x == 0 ? 1 : sin(x * .pi) / (x * .pi)
    }
}

/// The weights that turn one row (or column) of source pixels into one of another length.
///
/// Antialiased as in Pillow: when shrinking, the filter is widened by the scale. Weights are
/// integers of 22 fractional bits and every pass rounds to 8 bits, so results are equal to
/// Pillow's bit for bit.
struct ResamplingWeights {
    static let fractionBits = 22

    /// First source pixel of each target pixel.
    var starts: [Int] = []
    /// How many source pixels each target pixel reads.
    var counts: [Int] = []
    /// `stride` weights for each target pixel, unused ones at the end.
    var weights: [Int32] = []
    /// Room for the weights of one target pixel.
    let stride: Int

    init(from source: Int, to target: Int, filter: ResamplingFilter) {
        let scale = Double(source) / Double(target)
        let widening = max(scale, 1)
        let support = filter.support * widening
        stride = Int(support.rounded(.up)) * 2 + 1
        weights = [Int32](repeating: 0, count: target * stride)
        for position in 0..<target {
            let center = (Double(position) + 0.5) * scale
            let start = max(0, Int(center - support + 0.5))
            let end = min(source, Int(center + support + 0.5))
            var row = (start..<end).map {
                filter.weight(at: (Double($0) - center + 0.5) * (1 / widening))
            }
            let total = row.reduce(0, +)
            if total != 0 { row = row.map { $0 / total } }
            for (index, weight) in row.enumerated() {
                let scaled = weight * Double(1 << Self.fractionBits)
                weights[position * stride + index] = Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
            }
            starts.append(start)
            counts.append(row.count)
        }
    }
}
