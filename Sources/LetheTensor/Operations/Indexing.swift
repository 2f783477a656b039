import CTorchShim
public import LetheRecords

extension Tensor {
    /// The slice `start ..< start + length` of one dimension; shares memory.
    public func narrowed(dimension: Int, start: Int, length: Int) throws(LetheError) -> Tensor {
        try narrow(dimension, start, length)
    }

    /// One place of one dimension, which goes away; shares memory.
    public func selected(dimension: Int, index: Int) throws(LetheError) -> Tensor {
        try select(dimension, index)
    }

    /// The rows (first dimension) at the indices given (int64, one dimension), copied.
    public func rows(at indices: Tensor) throws(LetheError) -> Tensor {
        try index(.select, 0, indices)
    }

    /// The slices of a dimension at the indices given (int64, one dimension), copied.
    public func slices(dimension: Int, at indices: Tensor) throws(LetheError) -> Tensor {
        try index(.select, dimension, indices)
    }

    /// One number per index: `result[i][j] = self[i][indices[i][j]]` for dimension 1.
    public func gathered(dimension: Int, indices: Tensor) throws(LetheError) -> Tensor {
        try index(.gather, dimension, indices)
    }

    /// A copy whose slices at `indices` have the slices of `source` added.
    public func adding(
        _ source: Tensor, at indices: Tensor, dimension: Int = 0
    ) throws(LetheError) -> Tensor {
        try indexAdd(dimension, indices, source)
    }

    /// The `count` largest (or smallest) numbers along a dimension, in order, with their indices.
    public func topK(
        _ count: Int, dimension: Int = -1, largest: Bool = true
    ) throws(LetheError) -> (values: Tensor, indices: Tensor) {
        try topK(count, dimension, largest)
    }

    /// The numbers along a dimension in order, with their indices; equal ones keep their order.
    public func sorted(
        dimension: Int = -1, descending: Bool = false
    ) throws(LetheError) -> (values: Tensor, indices: Tensor) {
        try sort(dimension, descending)
    }

    /// The positions of all numbers that are not zero, [count, rank], int64.
    public func nonzeroPositions() throws(LetheError) -> Tensor {
        try nonzero()
    }

    /// Labels (int64) as rows with a single 1: [..., classCount], int64.
    public func oneHot(classCount: Int) throws(LetheError) -> Tensor {
        try oneHot(classCount)
    }
}
