import CTorchShim
public import LetheRecords

// Comparisons give tensors of type bool.

extension Tensor {
    /// Whether shape, type and every number are the same; false where any is not a number.
    public func isEqual(to other: Tensor) throws(LetheError) -> Bool {
        try identical(other)
    }

    /// True where the two numbers are equal.
    public func equal(_ other: Tensor) throws(LetheError) -> Tensor { try binary(.equal, other) }

    /// True where the number equals `value`.
    public func equal(_ value: Double) throws(LetheError) -> Tensor { try scalar(.equal, value) }

    /// True where the two numbers differ.
    public func notEqual(_ other: Tensor) throws(LetheError) -> Tensor {
        try binary(.notEqual, other)
    }

    /// True where the number is below its partner.
    public func less(than other: Tensor) throws(LetheError) -> Tensor { try binary(.less, other) }

    /// True where the number is below `value`.
    public func less(than value: Double) throws(LetheError) -> Tensor { try scalar(.less, value) }

    /// True where the number is not above `value`.
    public func lessOrEqual(to value: Double) throws(LetheError) -> Tensor {
        try scalar(.lessOrEqual, value)
    }

    /// True where the number is above its partner.
    public func greater(than other: Tensor) throws(LetheError) -> Tensor {
        try binary(.greater, other)
    }

    /// True where the number is above `value`.
    public func greater(than value: Double) throws(LetheError) -> Tensor {
        try scalar(.greater, value)
    }

    /// True where the number is not below `value`.
    public func greaterOrEqual(to value: Double) throws(LetheError) -> Tensor {
        try scalar(.greaterOrEqual, value)
    }

    /// True where both are.
    public func logicalAnd(_ other: Tensor) throws(LetheError) -> Tensor {
        try binary(.logicalAnd, other)
    }

    /// True where one of the two is.
    public func logicalOr(_ other: Tensor) throws(LetheError) -> Tensor {
        try binary(.logicalOr, other)
    }

    /// True where the number is zero or false.
    public func logicalNot() throws(LetheError) -> Tensor { try unary(.logicalNot) }

    /// The number of `ifTrue` where `condition` holds, of `ifFalse` elsewhere.
    public static func `where`(
        _ condition: Tensor, _ ifTrue: Tensor, _ ifFalse: Tensor
    ) throws(LetheError) -> Tensor {
        try condition.choose(ifTrue, ifFalse)
    }
}
