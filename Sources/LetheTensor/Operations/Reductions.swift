import CTorchShim
public import LetheRecords

// No dimensions means all of them. Negative dimensions count from the last.

extension Tensor {
    /// The sum over the dimensions.
    public func sum(
        over dimensions: [Int] = [], keepingDimensions: Bool = false
    ) throws(LetheError) -> Tensor {
        try reduce(.sum, dimensions, keepingDimensions)
    }

    /// The mean over the dimensions.
    public func mean(
        over dimensions: [Int] = [], keepingDimensions: Bool = false
    ) throws(LetheError) -> Tensor {
        try reduce(.mean, dimensions, keepingDimensions)
    }

    /// The largest number over the dimensions; gradients are shared among equal ones.
    public func maximum(
        over dimensions: [Int] = [], keepingDimensions: Bool = false
    ) throws(LetheError) -> Tensor {
        try reduce(.maximum, dimensions, keepingDimensions)
    }

    /// The smallest number over the dimensions; gradients are shared among equal ones.
    public func minimum(
        over dimensions: [Int] = [], keepingDimensions: Bool = false
    ) throws(LetheError) -> Tensor {
        try reduce(.minimum, dimensions, keepingDimensions)
    }

    /// The variance over the dimensions, divided by one less than their count.
    public func variance(
        over dimensions: [Int] = [], keepingDimensions: Bool = false
    ) throws(LetheError) -> Tensor {
        try reduce(.variance, dimensions, keepingDimensions)
    }

    /// The Euclidean (Frobenius) norm over the dimensions; its gradient at zero is zero.
    public func norm(
        over dimensions: [Int] = [], keepingDimensions: Bool = false
    ) throws(LetheError) -> Tensor {
        try reduce(.euclideanNorm, dimensions, keepingDimensions)
    }

    /// The logarithm of the sum of exponentials over the dimensions.
    public func logSumExp(
        over dimensions: [Int] = [], keepingDimensions: Bool = false
    ) throws(LetheError) -> Tensor {
        try reduce(.logSumExp, dimensions, keepingDimensions)
    }

    /// Whether all numbers over the dimensions are true.
    public func all(
        over dimensions: [Int] = [], keepingDimensions: Bool = false
    ) throws(LetheError) -> Tensor {
        try reduce(.all, dimensions, keepingDimensions)
    }

    /// Whether any number over the dimensions is true.
    public func any(
        over dimensions: [Int] = [], keepingDimensions: Bool = false
    ) throws(LetheError) -> Tensor {
        try reduce(.any, dimensions, keepingDimensions)
    }

    /// The index of the largest number along a dimension, int64.
    public func argumentMaximum(dimension: Int = -1) throws(LetheError) -> Tensor {
        try along(.argumentMaximum, dimension)
    }

    /// The index of the smallest number along a dimension, int64.
    public func argumentMinimum(dimension: Int = -1) throws(LetheError) -> Tensor {
        try along(.argumentMinimum, dimension)
    }

    /// The sums of everything up to and including each place.
    public func cumulativeSum(dimension: Int = -1) throws(LetheError) -> Tensor {
        try along(.cumulativeSum, dimension)
    }

    /// Exponentials that sum to 1 along a dimension.
    public func softmax(dimension: Int = -1) throws(LetheError) -> Tensor {
        try along(.softmax, dimension)
    }

    /// The logarithm of `softmax`, without overflow.
    public func logSoftmax(dimension: Int = -1) throws(LetheError) -> Tensor {
        try along(.logSoftmax, dimension)
    }
}
