public import LetheRecords

extension Tensor {
    /// Makes zeros of the shape given.
    public init(
        zeros shape: [Int], type: ElementType = .float32, device: Device = .cpu
    ) throws(LetheError) {
        self = try Tensor.fill(0, shape, type, device)
    }

    /// Makes ones of the shape given.
    public init(
        ones shape: [Int], type: ElementType = .float32, device: Device = .cpu
    ) throws(LetheError) {
        self = try Tensor.fill(1, shape, type, device)
    }

    /// Makes a tensor in which every number is `value`.
    public init(
        filling value: Double, shape: [Int], type: ElementType = .float32, device: Device = .cpu
    ) throws(LetheError) {
        self = try Tensor.fill(value, shape, type, device)
    }

    /// Copies numbers in row-major order; without a shape the tensor has one dimension.
    ///
    /// Literals become `Float`.
    public init(_ values: [Float], shape: [Int]? = nil) throws(LetheError) {
        self = try Tensor.copyingNumbers(values, shape ?? [values.count], .float32)
    }

    /// Copies whole numbers in row-major order; without a shape the tensor has one dimension.
    @_disfavoredOverload
    public init(_ values: [Int64], shape: [Int]? = nil) throws(LetheError) {
        self = try Tensor.copyingNumbers(values, shape ?? [values.count], .int64)
    }

    /// Copies row-major little-endian bytes, which must fit shape and type exactly.
    public init(bytes: RawSpan, shape: [Int], type: ElementType) throws(LetheError) {
        self = try Tensor.copyingBytes(bytes, shape, type)
    }

    /// Copies row-major little-endian bytes, which must fit shape and type exactly.
    public init(bytes: [UInt8], shape: [Int], type: ElementType) throws(LetheError) {
        self = try Tensor.copyingNumbers(bytes, shape, type)
    }

    /// Counts `0, 1, … count - 1`.
    public static func arange(
        _ count: Int, type: ElementType = .int64, device: Device = .cpu
    ) throws(LetheError) -> Tensor {
        try range(0, Double(count), 1, type, device)
    }

    /// Counts from `start` in steps, as long as `end` is not reached.
    public static func arange(
        from start: Double, to end: Double, step: Double = 1, type: ElementType = .float32,
        device: Device = .cpu
    ) throws(LetheError) -> Tensor {
        try range(start, end, step, type, device)
    }
}
