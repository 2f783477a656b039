import CTorchShim
public import LetheRecords

/// How numbers between pixels are found.
public enum ResizeMode: Sendable {
    /// The pixel that covers the point.
    case nearest
    /// Linear in both directions.
    case bilinear
    /// Cubic in both directions.
    case bicubic
}

/// What is put around an image.
public enum PaddingMode: Sendable, Equatable {
    /// One number everywhere.
    case constant(Double)
    /// The image mirrored at its border pixels.
    case reflect
    /// The border pixels repeated.
    case replicate
}

extension Tensor {
    /// Resizes images [N, C, H, W] as `torch.nn.functional.interpolate` does.
    ///
    /// uint8 images are computed in fixed point and rounded, which with `antialias` equals PIL.
    ///
    /// - Parameters:
    ///   - antialias: Widens the filter when shrinking, as PIL does.
    ///   - alignCorners: Whether the corner pixels' centres stay where they are.
    ///   - heightScale: The factor between output and input grid where it is not the ratio of the
    ///     sizes, as with `scale_factor` in torch; `widthScale` alike.
    public func resized(
        height: Int, width: Int, mode: ResizeMode = .bilinear, antialias: Bool = false,
        alignCorners: Bool = false, heightScale: Double? = nil, widthScale: Double? = nil
    ) throws(LetheError) -> Tensor {
        let options = LetheResizeOptions(
            mode: mode.shimValue, height: Int64(height), width: Int64(width),
            antialias: antialias, align_corners: alignCorners, height_scale: heightScale ?? 0,
            width_scale: widthScale ?? 0)
        return try applyResize(options)
    }

    /// Puts a border around images [N, C, H, W]; negative sizes cut with the constant mode.
    public func padded2D(
        left: Int, right: Int, top: Int, bottom: Int, mode: PaddingMode = .constant(0)
    ) throws(LetheError) -> Tensor {
        let sizes = [Int64(left), Int64(right), Int64(top), Int64(bottom)]
        switch mode {
        case .constant(let value): return try applyPadding(.constant, sizes, value)
        case .reflect: return try applyPadding(.reflect, sizes, 0)
        case .replicate: return try applyPadding(.replicate, sizes, 0)
        }
    }
}

extension ResizeMode {
    fileprivate var shimValue: LetheResize {
        switch self {
        case .nearest: .nearest
        case .bilinear: .bilinear
        case .bicubic: .bicubic
        }
    }
}
