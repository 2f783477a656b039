import CTorchShim
import LetheRecords

extension Tensor {
    func shaping(_ operation: LetheShaping, _ numbers: [Int]) throws(LetheError) -> Tensor {
        let numbers = int64s(numbers)
        return try unsafe produce(using: self) {
            unsafe lethe_shape(operation, handle, numbers, numbers.count, $0, $1)
        }
    }

    func transpose(_ first: Int, _ second: Int) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) {
            unsafe lethe_transpose(handle, Int64(first), Int64(second), $0, $1)
        }
    }

    func flatten(_ first: Int, _ last: Int) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) {
            unsafe lethe_flatten(handle, Int64(first), Int64(last), $0, $1)
        }
    }

    func along(_ operation: LetheAlong, _ dimension: Int) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) {
            unsafe lethe_along(operation, handle, Int64(dimension), $0, $1)
        }
    }

    static func join(
        _ operation: LetheJoin, _ tensors: [Tensor], _ dimension: Int
    ) throws(LetheError) -> Tensor {
        let handles = unsafe tensors.handles
        let result = try unsafe produce {
            unsafe lethe_join(operation, handles, handles.count, Int64(dimension), $0, $1)
        }
        extendLifetime(tensors)
        return result
    }

    func cut(_ sizes: [Int], _ dimension: Int) throws(LetheError) -> [Tensor] {
        let numbers = int64s(sizes)
        let parts = try unsafe produceList(count: sizes.count, using: [self]) {
            unsafe lethe_split(handle, numbers, numbers.count, Int64(dimension), $0, $1)
        }
        return parts.compactMap { $0 }
    }

    func narrow(_ dimension: Int, _ start: Int, _ length: Int) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) {
            unsafe lethe_narrow(handle, Int64(dimension), Int64(start), Int64(length), $0, $1)
        }
    }

    func select(_ dimension: Int, _ index: Int) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) {
            unsafe lethe_select(handle, Int64(dimension), Int64(index), $0, $1)
        }
    }

    func index(
        _ operation: LetheIndexing, _ dimension: Int, _ indices: Tensor
    ) throws(LetheError) -> Tensor {
        try unsafe produce(using: self, indices) {
            unsafe lethe_index(operation, handle, Int64(dimension), indices.handle, $0, $1)
        }
    }

    func indexAdd(
        _ dimension: Int, _ indices: Tensor, _ source: Tensor
    ) throws(LetheError) -> Tensor {
        try unsafe produce(using: self, indices, source) {
            unsafe lethe_index_add(
                handle, Int64(dimension), indices.handle, source.handle, $0, $1)
        }
    }

    func topK(
        _ count: Int, _ dimension: Int, _ largest: Bool
    ) throws(LetheError) -> (Tensor, Tensor) {
        try unsafe producePair(using: self) {
            unsafe lethe_top_k(handle, Int64(count), Int64(dimension), largest, $0, $1, $2)
        }
    }

    func sort(_ dimension: Int, _ descending: Bool) throws(LetheError) -> (Tensor, Tensor) {
        try unsafe producePair(using: self) {
            unsafe lethe_sort(handle, Int64(dimension), descending, $0, $1, $2)
        }
    }

    func nonzero() throws(LetheError) -> Tensor {
        try unsafe produce(using: self) { unsafe lethe_nonzero(handle, $0, $1) }
    }

    func oneHot(_ classCount: Int) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) {
            unsafe lethe_one_hot(handle, Int64(classCount), $0, $1)
        }
    }
}
