import CTorchShim

/// What one number of a tensor is; the raw values are the names of the safetensors format.
public enum ElementType: String, Sendable, CaseIterable {
    /// IEEE 754 single precision.
    case float32 = "F32"
    /// IEEE 754 half precision.
    case float16 = "F16"
    /// The upper half of a single precision number.
    case bfloat16 = "BF16"
    /// IEEE 754 double precision.
    case float64 = "F64"
    /// Signed, 64 bits.
    case int64 = "I64"
    /// Signed, 32 bits.
    case int32 = "I32"
    /// Signed, 16 bits.
    case int16 = "I16"
    /// Signed, 8 bits.
    case int8 = "I8"
    /// Unsigned, 8 bits.
    case uint8 = "U8"
    /// One byte, 0 or 1.
    case bool = "BOOL"

    /// The size of one number in bytes.
    public var sizeBytes: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// Whether this is one of the floating point types.
    public var isFloatingPoint: Bool {
        switch self {
        case .float32, .float16, .bfloat16, .float64: true
        case .int64, .int32, .int16, .int8, .uint8, .bool: false
        }
    }
}

extension ElementType {
    init(_ element: LetheElement) {
        self =
            switch element {
            case .float32: .float32
            case .float16: .float16
            case .bfloat16: .bfloat16
            case .float64: .float64
            case .int64: .int64
            case .int32: .int32
            case .int16: .int16
            case .int8: .int8
            case .uint8: .uint8
            case .bool: .bool
            }
    }

    var shimValue: LetheElement {
        switch self {
        case .float32: .float32
        case .float16: .float16
        case .bfloat16: .bfloat16
        case .float64: .float64
        case .int64: .int64
        case .int32: .int32
        case .int16: .int16
        case .int8: .int8
        case .uint8: .uint8
        case .bool: .bool
        }
    }
}
