import TestSupport
import Testing

@testable import LetheTensor

@Suite("Memory is freed with the last reference")
struct MemoryTests {
    /// Other tests make tensors at the same time, so the count is taken in a process of its own.
    @Test("Ten thousand tensors, results of errors included, leave no handle behind")
    func noLeaks() async {
        await #expect(processExitsWith: .success) {
            let weight = try Tensor(ones: [4, 4]).requiringGradient()
            let before = liveHandleCount()
            for _ in 0..<1000 {
                let loss = try weight.matmul(weight).split(count: 2)[1].topK(2).values.sum()
                try loss.backward()
                _ = weight.gradient
                try weight.zeroGradient()
                let image = try weight.reshaped([1, 4, 2, 2])
                try image.batchNormalized(
                    mean: Tensor(zeros: [4]), variance: Tensor(ones: [4]), isTraining: true
                ).averagePooled2D(kernel: 2, stride: 1).sum().backward()
                _ = try? image.maximumPooled2D(kernel: 9, stride: 1)
                try weight.zeroGradient()
                _ = try? weight.reshaped([5])
                _ = try? Tensor(zeros: Array(repeating: 1, count: 17))
            }
            precondition(
                liveHandleCount() == before, "\(liveHandleCount() - before) handles leaked")
            let kept = try weight * 2
            precondition(liveHandleCount() == before + 1)
            precondition(kept.count == 16)
        }
    }
}
