import CTorchShim
public import LetheRecords

extension Tensor {
    /// The numbers as `Float` in row-major order, from any type and device.
    public func floats() throws(LetheError) -> [Float] {
        try converted(to: .float32).array(of: Float.self)
    }

    /// The numbers as `Double` in row-major order, from any type and device.
    public func doubles() throws(LetheError) -> [Double] {
        try converted(to: .float64).array(of: Double.self)
    }

    /// The numbers as whole numbers in row-major order; fractions are cut off.
    public func integers() throws(LetheError) -> [Int64] {
        try converted(to: .int64).array(of: Int64.self)
    }

    /// The little-endian bytes in row-major order, in the tensor's own type.
    public func bytes() throws(LetheError) -> [UInt8] {
        try array(of: UInt8.self)
    }

    /// The one number of a tensor that has one.
    public func scalar() throws(LetheError) -> Float {
        Float(try number())
    }

    /// Whether no number is infinite or not a number.
    public func isFinite() throws(LetheError) -> Bool {
        try unary(.isFinite).reduce(.all, [], false).number() != 0
    }

    /// The tensor in another type; the same tensor where it already has it.
    public func converted(to type: ElementType) throws(LetheError) -> Tensor {
        type == self.type ? self : try convert(type)
    }

    /// The tensor on another device; the same tensor where it is already there.
    public func moved(to device: Device) throws(LetheError) -> Tensor {
        guard device != self.device else { return self }
        try device.requireAvailable()
        return try move(device)
    }

    /// A copy with its own memory; gradients flow through it.
    public func copied() throws(LetheError) -> Tensor {
        try unary(.clone)
    }

    /// The tensor with its numbers in row-major order in memory; itself where they are.
    public func contiguous() throws(LetheError) -> Tensor {
        try unary(.contiguous)
    }
}
