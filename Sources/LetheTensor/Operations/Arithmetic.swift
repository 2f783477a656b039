import CTorchShim
public import LetheRecords

// Shapes broadcast as in NumPy: a dimension of size 1 is repeated. A whole number beside an
// integer tensor leaves the tensor's type alone.

extension Tensor {
    /// The sum, number by number.
    public static func + (left: Tensor, right: Tensor) throws(LetheError) -> Tensor {
        try left.binary(.add, right)
    }

    /// The difference, number by number.
    public static func - (left: Tensor, right: Tensor) throws(LetheError) -> Tensor {
        try left.binary(.subtract, right)
    }

    /// The product, number by number.
    public static func * (left: Tensor, right: Tensor) throws(LetheError) -> Tensor {
        try left.binary(.multiply, right)
    }

    /// The quotient, number by number; floating point also for integers.
    public static func / (left: Tensor, right: Tensor) throws(LetheError) -> Tensor {
        try left.binary(.divide, right)
    }

    /// The negative of every number.
    public static prefix func - (tensor: Tensor) throws(LetheError) -> Tensor {
        try tensor.unary(.negate)
    }

    /// Adds one number everywhere.
    public static func + (left: Tensor, right: Double) throws(LetheError) -> Tensor {
        try left.scalar(.add, right)
    }

    /// Subtracts one number everywhere.
    public static func - (left: Tensor, right: Double) throws(LetheError) -> Tensor {
        try left.scalar(.subtract, right)
    }

    /// Multiplies by one number everywhere.
    public static func * (left: Tensor, right: Double) throws(LetheError) -> Tensor {
        try left.scalar(.multiply, right)
    }

    /// Divides by one number everywhere.
    public static func / (left: Tensor, right: Double) throws(LetheError) -> Tensor {
        try left.scalar(.divide, right)
    }

    /// Adds to one number.
    public static func + (left: Double, right: Tensor) throws(LetheError) -> Tensor {
        try right.scalar(.add, left)
    }

    /// Subtracts from one number.
    public static func - (left: Double, right: Tensor) throws(LetheError) -> Tensor {
        try right.scalar(.subtractFrom, left)
    }

    /// Multiplies one number.
    public static func * (left: Double, right: Tensor) throws(LetheError) -> Tensor {
        try right.scalar(.multiply, left)
    }

    /// Divides one number.
    public static func / (left: Double, right: Tensor) throws(LetheError) -> Tensor {
        try right.scalar(.divideInto, left)
    }

    /// Adds one number everywhere.
    @_disfavoredOverload
    public static func + (left: Tensor, right: Float) throws(LetheError) -> Tensor {
        try left.scalar(.add, Double(right))
    }

    /// Subtracts one number everywhere.
    @_disfavoredOverload
    public static func - (left: Tensor, right: Float) throws(LetheError) -> Tensor {
        try left.scalar(.subtract, Double(right))
    }

    /// Multiplies by one number everywhere.
    @_disfavoredOverload
    public static func * (left: Tensor, right: Float) throws(LetheError) -> Tensor {
        try left.scalar(.multiply, Double(right))
    }

    /// Divides by one number everywhere.
    @_disfavoredOverload
    public static func / (left: Tensor, right: Float) throws(LetheError) -> Tensor {
        try left.scalar(.divide, Double(right))
    }

    /// Adds to one number.
    @_disfavoredOverload
    public static func + (left: Float, right: Tensor) throws(LetheError) -> Tensor {
        try right.scalar(.add, Double(left))
    }

    /// Subtracts from one number.
    @_disfavoredOverload
    public static func - (left: Float, right: Tensor) throws(LetheError) -> Tensor {
        try right.scalar(.subtractFrom, Double(left))
    }

    /// Multiplies one number.
    @_disfavoredOverload
    public static func * (left: Float, right: Tensor) throws(LetheError) -> Tensor {
        try right.scalar(.multiply, Double(left))
    }

    /// Matrix product of the last two dimensions, batched over the others.
    public func matmul(_ other: Tensor) throws(LetheError) -> Tensor {
        try binary(.matrixMultiply, other)
    }

    /// Every number to the power of `exponent`.
    public func power(_ exponent: Double) throws(LetheError) -> Tensor {
        try scalar(.power, exponent)
    }

    /// The larger number of each pair.
    public func maximum(_ other: Tensor) throws(LetheError) -> Tensor {
        try binary(.maximum, other)
    }

    /// The smaller number of each pair.
    public func minimum(_ other: Tensor) throws(LetheError) -> Tensor {
        try binary(.minimum, other)
    }
}
