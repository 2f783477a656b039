import CTorchShim
import LetheRecords

/// Owns one generator handle of the shim.
@safe
final class GeneratorStorage {
    let handle: LetheGeneratorRef

    init(seed: UInt64, device: Device) throws(LetheError) {
        var handle: LetheGeneratorRef?
        try unsafe check { unsafe lethe_generator_make(seed, device.shimValue, &handle, $0) }
        guard let handle = unsafe handle else {
            throw LetheError(code: .tensor, message: "LibTorch handed out no generator.")
        }
        unsafe self.handle = handle
    }

    deinit {
        unsafe lethe_generator_free(handle)
    }
}

extension Generator {
    /// The raw handle; the generator must be kept alive while it is used.
    @unsafe var handle: LetheGeneratorRef { unsafe storage.handle }

    func readState() throws(LetheError) -> Tensor {
        let result = try unsafe produce { unsafe lethe_generator_state(handle, $0, $1) }
        extendLifetime(self)
        return result
    }

    func writeState(_ state: Tensor) throws(LetheError) {
        try unsafe check { unsafe lethe_generator_set_state(handle, state.handle, $0) }
        extendLifetime(self)
        extendLifetime(state)
    }

    func draw(
        _ distribution: LetheDistribution, _ first: Double, _ second: Double, _ shape: [Int]
    ) throws(LetheError) -> Tensor {
        let sizes = int64s(shape)
        let result = try unsafe produce {
            unsafe lethe_random(
                distribution, first, second, sizes, sizes.count, handle, $0, $1)
        }
        extendLifetime(self)
        return result
    }

    func drawPermutation(_ count: Int) throws(LetheError) -> Tensor {
        let result = try unsafe produce {
            unsafe lethe_random_permutation(Int64(count), handle, $0, $1)
        }
        extendLifetime(self)
        return result
    }
}
