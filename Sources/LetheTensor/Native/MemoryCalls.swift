import CTorchShim
import LetheRecords

extension Tensor {
    static func fill(
        _ value: Double, _ shape: [Int], _ type: ElementType, _ device: Device
    ) throws(LetheError) -> Tensor {
        let sizes = int64s(shape)
        return try unsafe produce {
            unsafe lethe_tensor_filled(
                value, sizes, sizes.count, type.shimValue, device.shimValue, $0, $1)
        }
    }

    func zerosLike() throws(LetheError) -> Tensor {
        try unsafe produce(using: self) { unsafe lethe_tensor_zeros_like(handle, $0, $1) }
    }

    static func range(
        _ start: Double, _ end: Double, _ step: Double, _ type: ElementType, _ device: Device
    ) throws(LetheError) -> Tensor {
        try unsafe produce {
            unsafe lethe_tensor_range(
                start, end, step, type.shimValue, device.shimValue, $0, $1)
        }
    }

    static func copyingBytes(
        _ bytes: RawSpan, _ shape: [Int], _ type: ElementType
    ) throws(LetheError) -> Tensor {
        let sizes = int64s(shape)
        return try unsafe produce { out, message in
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe lethe_tensor_from_bytes(
                    buffer.baseAddress, buffer.count, sizes, sizes.count, type.shimValue, out,
                    message)
            }
        }
    }

    static func copyingNumbers<Element: BitwiseCopyable>(
        _ numbers: [Element], _ shape: [Int], _ type: ElementType
    ) throws(LetheError) -> Tensor {
        try copyingBytes(unsafe numbers.span.bytes, shape, type)
    }

    /// Copies the numbers, already of the type `Element`, into an array.
    func array<Element: BitwiseCopyable>(
        of element: Element.Type
    ) throws(LetheError) -> [Element] {
        var failure: LetheError?
        let byteCount = count * type.sizeBytes
        let numberCount = byteCount / MemoryLayout<Element>.stride
        let result = unsafe [Element](unsafeUninitializedCapacity: numberCount) { buffer, filled in
            do throws(LetheError) {
                try unsafe check {
                    unsafe lethe_tensor_to_bytes(handle, buffer.baseAddress, byteCount, $0)
                }
                filled = numberCount
            } catch {
                failure = error
                filled = 0
            }
        }
        extendLifetime(self)
        if let failure { throw failure }
        return result
    }

    func number() throws(LetheError) -> Double {
        var result = 0.0
        try unsafe check { unsafe lethe_tensor_scalar(handle, &result, $0) }
        extendLifetime(self)
        return result
    }

    func convert(_ type: ElementType) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) {
            unsafe lethe_tensor_convert(handle, type.shimValue, $0, $1)
        }
    }

    func move(_ device: Device) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) {
            unsafe lethe_tensor_move(handle, device.shimValue, $0, $1)
        }
    }
}
