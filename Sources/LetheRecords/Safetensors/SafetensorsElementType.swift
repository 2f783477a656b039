/// The element types of the safetensors format, under the names that its headers use.
///
/// The order of the cases is the order of the reference implementation's `Dtype`: its writer puts
/// the tensors of later cases first, so that wide elements stay aligned.
public enum SafetensorsElementType: String, Sendable, CaseIterable, Comparable {
    /// True or false in one byte.
    case bool = "BOOL"
    /// MXFP4, half a byte.
    case float4 = "F4"
    /// MXFP6 with two exponent bits, six bits.
    case float6E2M3 = "F6_E2M3"
    /// MXFP6 with three exponent bits, six bits.
    case float6E3M2 = "F6_E3M2"
    /// Unsigned integer, 8 bits.
    case uint8 = "U8"
    /// Signed integer, 8 bits.
    case int8 = "I8"
    /// Float with five exponent bits, 8 bits.
    case float8E5M2 = "F8_E5M2"
    /// Float with four exponent bits, 8 bits.
    case float8E4M3 = "F8_E4M3"
    /// Exponent only, 8 bits.
    case float8E8M0 = "F8_E8M0"
    /// Float with four exponent bits without a negative zero, 8 bits.
    case float8E4M3FNUZ = "F8_E4M3FNUZ"
    /// Float with five exponent bits without a negative zero, 8 bits.
    case float8E5M2FNUZ = "F8_E5M2FNUZ"
    /// Signed integer, 16 bits.
    case int16 = "I16"
    /// Unsigned integer, 16 bits.
    case uint16 = "U16"
    /// IEEE 754 half precision.
    case float16 = "F16"
    /// Brain float, 16 bits.
    case bfloat16 = "BF16"
    /// Signed integer, 32 bits.
    case int32 = "I32"
    /// Unsigned integer, 32 bits.
    case uint32 = "U32"
    /// IEEE 754 single precision.
    case float32 = "F32"
    /// Complex of two single precision floats.
    case complex64 = "C64"
    /// IEEE 754 double precision.
    case float64 = "F64"
    /// Signed integer, 64 bits.
    case int64 = "I64"
    /// Unsigned integer, 64 bits.
    case uint64 = "U64"

    /// The size of one element in bits.
    public var sizeBits: Int {
        switch self {
        case .float4: 4
        case .float6E2M3, .float6E3M2: 6
        case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0, .float8E4M3FNUZ,
            .float8E5M2FNUZ:
            8
        case .int16, .uint16, .float16, .bfloat16: 16
        case .int32, .uint32, .float32: 32
        case .complex64, .float64, .int64, .uint64: 64
        }
    }

    /// Orders as the cases are declared.
    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
