public import LetheRecords

/// The LibTorch behind all tensors.
public enum LibTorch {
    /// How exactly float32 matrices are multiplied where the hardware offers faster ways.
    public enum MatmulPrecision: String, Sendable {
        /// In float32.
        case highest
        /// In TensorFloat32 or the like.
        case high
        /// In bfloat16.
        case medium
    }

    /// The version whose headers this program was compiled against, as in `2.13.0`.
    public static let compiledVersion = compiledVersionText()

    /// The version of the library that was loaded, or an empty text where it does not say.
    public static let loadedVersion = version(inConfiguration: (try? loadedConfiguration()) ?? "")

    /// Throws where another version was loaded than the one compiled against.
    public static func requireMatchingVersion() throws(LetheError) {
        guard loadedVersion != compiledVersion else { return }
        throw LetheError(
            code: .unsupported,
            message: "Lethe was compiled against LibTorch \(compiledVersion), but "
                + "\(loadedVersion.isEmpty ? "an unknown version" : loadedVersion) was loaded.",
            remedy: "Run scripts/bootstrap and build again, or point LIBTORCH_HOME and "
                + "LD_LIBRARY_PATH at one LibTorch.")
    }

    /// Whether this LibTorch sees a CUDA device.
    public static var hasCUDA: Bool { Device.cuda(0).isAvailable }

    /// Chooses how float32 matrices are multiplied, for the whole process.
    public static func set(matmulPrecision: MatmulPrecision) throws(LetheError) {
        try setMatmulPrecision(matmulPrecision.rawValue)
    }

    /// Refuses operations without a deterministic kernel, for the whole process.
    public static func set(deterministic: Bool) throws(LetheError) {
        try setDeterministic(deterministic)
    }

    /// Whether operations without a deterministic kernel are refused.
    public static var isDeterministic: Bool { LetheTensor.isDeterministic() }

    /// Finds `TORCH_VERSION=2.13.0` in a build summary.
    static func version(inConfiguration text: String) -> String {
        guard let start = text.firstRange(of: "TORCH_VERSION=")?.upperBound else { return "" }
        return String(text[start...].prefix { $0.isNumber || $0 == "." })
    }
}
