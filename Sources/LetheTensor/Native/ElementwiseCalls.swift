import CTorchShim
import LetheRecords

extension Tensor {
    func unary(_ operation: LetheUnary) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) { unsafe lethe_unary(operation, handle, $0, $1) }
    }

    func binary(_ operation: LetheBinary, _ other: Tensor) throws(LetheError) -> Tensor {
        try unsafe produce(using: self, other) {
            unsafe lethe_binary(operation, handle, other.handle, $0, $1)
        }
    }

    func scalar(_ operation: LetheScalarBinary, _ value: Double) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) {
            unsafe lethe_scalar_binary(operation, handle, value, $0, $1)
        }
    }

    func reduce(
        _ operation: LetheReduction, _ dimensions: [Int], _ keepingDimensions: Bool
    ) throws(LetheError) -> Tensor {
        let numbers = int64s(dimensions)
        return try unsafe produce(using: self) {
            unsafe lethe_reduce(
                operation, handle, numbers, numbers.count, keepingDimensions, $0, $1)
        }
    }

    func clamp(_ minimum: Double, _ maximum: Double) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) { unsafe lethe_clamp(handle, minimum, maximum, $0, $1) }
    }

    func choose(_ ifTrue: Tensor, _ ifFalse: Tensor) throws(LetheError) -> Tensor {
        try unsafe produce(using: self, ifTrue, ifFalse) {
            unsafe lethe_where(handle, ifTrue.handle, ifFalse.handle, $0, $1)
        }
    }

    func identical(_ other: Tensor) throws(LetheError) -> Bool {
        var result = false
        try unsafe check { unsafe lethe_identical(handle, other.handle, &result, $0) }
        extendLifetime(other)
        extendLifetime(self)
        return result
    }

    func change(
        _ operation: LetheInPlace, _ source: Tensor, scale: Double = 1
    ) throws(LetheError) {
        try unsafe check { unsafe lethe_in_place(operation, handle, source.handle, scale, $0) }
        extendLifetime(source)
        extendLifetime(self)
    }

    func change(_ operation: LetheInPlaceScalar, _ value: Double) throws(LetheError) {
        try unsafe check { unsafe lethe_in_place_scalar(operation, handle, value, $0) }
        extendLifetime(self)
    }
}
