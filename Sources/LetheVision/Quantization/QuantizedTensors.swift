import LetheRecords
import LetheTensor

/// Which tensors of a checkpoint belong to integers, and what integers stand for.
struct QuantizedTensors {
    static let scaleSuffix = ".scale"
    static let weightBitsKey = "lethe.weight_bits"
    static let activationBitsKey = "lethe.activation_bits"

    /// The names of scales and ranges, which are no tensors of the model.
    let companions: Set<String>
    private let scales: [String: SafetensorsHeader.Entry]

    /// - Parameter entries: All of a checkpoint.
    init(_ entries: [SafetensorsHeader.Entry]) {
        let byName = Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
        var companions: Set<String> = []
        var scales: [String: SafetensorsHeader.Entry] = [:]
        for entry in entries where Self.isInteger(entry) {
            if let scale = byName[entry.name + Self.scaleSuffix] {
                companions.insert(scale.name)
                scales[entry.name] = scale
            }
            if byName[Self.rangeName(of: entry.name)] != nil {
                companions.insert(Self.rangeName(of: entry.name))
            }
        }
        self.companions = companions
        self.scales = scales
    }

    /// Whether a tensor of this shape may be stored as this entry, integers with their scales.
    func fits(_ entry: SafetensorsHeader.Entry, shape: [Int]) -> Bool {
        guard Self.isInteger(entry), entry.shape == [1] + shape, shape.count > 1,
            let scale = scales[entry.name]
        else { return false }
        return scale.elementType == ElementType.float32.rawValue && scale.shape == [shape[0]]
    }

    static func isInteger(_ entry: SafetensorsHeader.Entry) -> Bool {
        entry.elementType == ElementType.int8.rawValue
    }

    /// What the range of a layer's inputs is called, from the name of its weight.
    static func rangeName(of weight: String) -> String {
        (weight.hasSuffix(".weight") ? String(weight.dropLast(7)) : weight) + ".input_range"
    }

    /// Integers times scales, in float32: bit for bit what the model computes with.
    ///
    /// - Parameters:
    ///   - integers: int8, [outputs, ...].
    ///   - scale: float32, [outputs].
    static func product(_ integers: Tensor, _ scale: Tensor) throws(LetheError) -> Tensor {
        let spread = [integers.shape[0]] + Array(repeating: 1, count: integers.rank - 1)
        return try integers.converted(to: .float32) * scale.reshaped(spread)
    }
}
