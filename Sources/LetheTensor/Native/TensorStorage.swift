import CTorchShim
import LetheRecords

/// Owns one handle of the shim, and remembers what never changes about it.
@safe
final class TensorStorage {
    let handle: LetheTensorRef
    let shape: [Int]
    let type: ElementType
    let device: Device

    /// Takes over a handle that the shim handed out.
    init(adopting handle: LetheTensorRef?) throws(LetheError) {
        guard let handle = unsafe handle else {
            throw LetheError(code: .tensor, message: "LibTorch handed out no tensor.")
        }
        var description = LetheDescription()
        var sizes = [Int64](repeating: 0, count: Int(LETHE_MAXIMUM_RANK))
        do {
            try unsafe check { message in
                unsafe lethe_tensor_describe(handle, &description, &sizes, message)
            }
        } catch {
            unsafe lethe_tensor_free(handle)
            throw error
        }
        unsafe self.handle = handle
        shape = sizes.prefix(Int(description.rank)).map(Int.init)
        type = ElementType(description.element)
        device = Device(shimValue: description.device)
    }

    deinit {
        unsafe lethe_tensor_free(handle)
    }
}

extension Tensor {
    /// Takes over a handle that the shim handed out.
    init(adopting handle: LetheTensorRef?) throws(LetheError) {
        self.init(storage: try unsafe TensorStorage(adopting: handle))
    }

    /// The raw handle; the tensor must be kept alive while it is used.
    @unsafe var handle: LetheTensorRef { unsafe storage.handle }
}

extension [Tensor] {
    /// The raw handles; the tensors must be kept alive while they are used.
    @unsafe var handles: [LetheTensorRef?] { unsafe map { unsafe $0.handle } }
}

/// Handles that are alive in this process, for tests that look for leaks.
func liveHandleCount() -> Int {
    Int(lethe_live_handles())
}
