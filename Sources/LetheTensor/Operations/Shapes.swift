import CTorchShim
public import LetheRecords

// Results share memory with their source wherever the strides allow it.

extension Tensor {
    /// Swaps two dimensions.
    public func transposed(_ first: Int = -2, _ second: Int = -1) throws(LetheError) -> Tensor {
        try transpose(first, second)
    }

    /// Reorders the dimensions.
    public func permuted(_ order: [Int]) throws(LetheError) -> Tensor {
        try shaping(.permute, order)
    }

    /// The same numbers in another shape; one size may be -1.
    public func reshaped(_ shape: [Int]) throws(LetheError) -> Tensor {
        try shaping(.reshape, shape)
    }

    /// Repeats dimensions of size 1 without copying; -1 keeps a size.
    public func expanded(_ shape: [Int]) throws(LetheError) -> Tensor {
        try shaping(.expand, shape)
    }

    /// Copies the tensor several times along each dimension.
    public func repeated(_ times: [Int]) throws(LetheError) -> Tensor {
        try shaping(.repeat, times)
    }

    /// Turns round the order along the dimensions given.
    public func flipped(dimensions: [Int]) throws(LetheError) -> Tensor {
        try shaping(.flip, dimensions)
    }

    /// Joins the dimensions from `first` to `last` into one.
    public func flattened(from first: Int = 0, to last: Int = -1) throws(LetheError) -> Tensor {
        try flatten(first, last)
    }

    /// Inserts a dimension of size 1.
    public func unsqueezed(_ dimension: Int) throws(LetheError) -> Tensor {
        try along(.unsqueeze, dimension)
    }

    /// Removes a dimension if its size is 1.
    public func squeezed(_ dimension: Int) throws(LetheError) -> Tensor {
        try along(.squeeze, dimension)
    }

    /// Joins tensors along a dimension that they have.
    public static func concatenated(
        _ tensors: [Tensor], dimension: Int = 0
    ) throws(LetheError) -> Tensor {
        try join(.concatenate, tensors, dimension)
    }

    /// Joins tensors of one shape along a new dimension.
    public static func stacked(
        _ tensors: [Tensor], dimension: Int = 0
    ) throws(LetheError) -> Tensor {
        try join(.stack, tensors, dimension)
    }

    /// Cuts the tensor into parts of the sizes given, which must fill the dimension.
    public func split(sizes: [Int], dimension: Int = 0) throws(LetheError) -> [Tensor] {
        try cut(sizes, dimension)
    }

    /// Cuts the tensor into `count` parts of equal size.
    public func split(count: Int, dimension: Int = 0) throws(LetheError) -> [Tensor] {
        let position = dimension < 0 ? dimension + rank : dimension
        guard shape.indices.contains(position), count > 0, shape[position] % count == 0 else {
            throw LetheError(
                code: .tensor,
                message: "Shape \(shape) has no \(count) equal parts along dimension \(dimension).",
                remedy: "Give the sizes of the parts.")
        }
        return try cut(Array(repeating: shape[position] / count, count: count), dimension)
    }
}
