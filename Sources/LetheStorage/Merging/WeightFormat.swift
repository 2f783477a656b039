internal import LetheRecords

/// How a weight's numbers are written: F32, F16 or BF16, little-endian.
enum WeightFormat {
    case float32
    case float16
    case brainFloat16

    init(_ entry: SafetensorsHeader.Entry) throws(LetheError) {
        switch entry.elementType {
        case "F32": self = .float32
        case "F16": self = .float16
        case "BF16": self = .brainFloat16
        default:
            throw LetheError(
                code: .unsupported,
                message: "\(entry.name) is \(entry.elementType); a delta merges into F32, F16 or "
                    + "BF16 weights only.",
                remedy: "Publish the model with weights in one of these types.")
        }
    }

    func floats(_ bytes: [UInt8]) -> [Float] {
        switch self {
        case .float32:
            stride(from: 0, to: bytes.count, by: 4).map { offset in
                Float(
                    bitPattern: UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8
                        | UInt32(bytes[offset + 2]) << 16 | UInt32(bytes[offset + 3]) << 24)
            }
        case .float16:
            stride(from: 0, to: bytes.count, by: 2).map { offset in
                Float(
                    Float16(bitPattern: UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8))
            }
        case .brainFloat16:
            stride(from: 0, to: bytes.count, by: 2).map { offset in
                Float(
                    bitPattern: UInt32(bytes[offset]) << 16 | UInt32(bytes[offset + 1]) << 24)
            }
        }
    }

    func bytes(_ values: [Float]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 4)
        for value in values {
            switch self {
            case .float32:
                let bits = value.bitPattern
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
            case .float16:
                let bits = Float16(value).bitPattern
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            case .brainFloat16:
                let bits = Self.brainBits(value)
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            }
        }
        return bytes
    }

    /// Round to nearest, ties to even; a NaN stays a NaN.
    private static func brainBits(_ value: Float) -> UInt16 {
        if value.isNaN { return 0x7FC0 }
        let bits = value.bitPattern
        let rounded = bits &+ 0x7FFF &+ (bits >> 16 & 1)
        return UInt16(truncatingIfNeeded: rounded >> 16)
    }
}
