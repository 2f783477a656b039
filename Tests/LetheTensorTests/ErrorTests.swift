import LetheRecords
import LetheTensor
import TestSupport
import Testing

@Suite("Errors say what is wrong and never end the process")
struct ErrorTests {
    @Test("A shape mismatch in matmul carries PyTorch's own sentence")
    func matmulMismatch() throws {
        let error = errorThrown {
            try Tensor(zeros: [2, 3]).matmul(try Tensor(zeros: [4, 5]))
        }
        #expect(error?.code == .tensor)
        #expect(
            error?.message.contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)")
                == true)
        #expect(error?.message.contains("Exception raised from") == false)
        #expect(error?.remedy?.isEmpty == false)
    }

    @Test("An index out of range is refused")
    func indexOutOfRange() throws {
        let x = try Tensor(zeros: [2, 3])
        #expect(errorThrown { try x.rows(at: try Tensor([5] as [Int64])) }?.code == .tensor)
        #expect(errorThrown { try x.selected(dimension: 4, index: 0) }?.code == .tensor)
        #expect(errorThrown { try x.sum(over: [7]) }?.code == .tensor)
        #expect(errorThrown { try x.reshaped([4, 4]) }?.code == .tensor)
    }

    @Test("Numbers that do not fit the shape are refused")
    func wrongCounts() throws {
        #expect(errorThrown { try Tensor([1, 2, 3], shape: [2, 2]) }?.code == .tensor)
        #expect(
            errorThrown { try Tensor(bytes: [1, 2, 3], shape: [1], type: .float32) }?.code
                == .tensor)
        #expect(errorThrown { try Tensor(zeros: [-1]) }?.code == .tensor)
        #expect(errorThrown { try Tensor(zeros: [Int.max, 2]) }?.code == .tensor)
    }

    @Test("More memory than there is gives an error, not the end of the process")
    func outOfMemory() throws {
        let error = errorThrown { try Tensor(zeros: [1 << 50]) }
        #expect(error?.code == .tensor)
        #expect(error?.message.contains("memory") == true)
    }

    @Test("Only a tensor of one number has a scalar")
    func scalarOfMany() throws {
        #expect(errorThrown { try Tensor([1, 2]).scalar() }?.code == .tensor)
        #expect(try Tensor([2.5], shape: []).scalar() == 2.5)
    }

    @Test("What torch would broadcast without a word is refused")
    func silentBroadcasts() throws {
        let x = try Tensor(zeros: [2, 3])
        let row = try Tensor(ones: [3])
        #expect(errorThrown { try x.copy(from: row) }?.message.contains("[3]") == true)
        #expect(errorThrown { try x.addInPlace(row) }?.code == .tensor)
        let labels = try Tensor(zeros: [2, 3])
        #expect(errorThrown { try x.crossEntropy(labels: labels) }?.code == .tensor)
        let tooMany = try Tensor([0, 0, 0] as [Int64])
        #expect(errorThrown { try x.crossEntropy(labels: tooMany) }?.code == .tensor)
    }

    @Test("A label outside the classes is refused")
    func labelOutside() throws {
        let labels = try Tensor([0, 3] as [Int64])
        #expect(errorThrown { try Tensor(zeros: [2, 3]).crossEntropy(labels: labels) } != nil)
    }

    @Test("A tensor of too many dimensions is refused")
    func tooManyDimensions() throws {
        let shape = Array(repeating: 1, count: 17)
        #expect(errorThrown { try Tensor(zeros: shape) }?.message.contains("17 dimensions") == true)
    }

    @Test(
        "Devices are read from text",
        arguments: [
            ("cpu", "cpu"), ("cuda", "cuda:0"), ("cuda:0", "cuda:0"), ("cuda:3", "cuda:3"),
        ])
    func deviceNames(text: String, canonical: String) throws {
        #expect(try Device(parsing: text).description == canonical)
    }

    @Test(
        "What is no device is refused",
        arguments: [
            "", "gpu", "cpu:0", "cuda:", "cuda:x", "cuda:-1", "cuda:1:2", "cuda:999", "CUDA",
            "cuda:٣",
        ])
    func wrongDeviceNames(text: String) throws {
        #expect(errorThrown { try Device(parsing: text) }?.code == .invalidArgument)
    }

    @Test(
        "A device that is not there is refused with a remedy",
        .enabled(if: !LibTorch.hasCUDA, "has a CUDA device"))
    func missingDevice() throws {
        #expect(Device.cpu.isAvailable)
        #expect(!Device.cuda(0).isAvailable)
        let error = errorThrown { try Tensor(zeros: [1]).moved(to: .cuda(0)) }
        #expect(error?.code == .device)
        #expect(errorThrown { try Generator(seed: 1, device: .cuda(0)) }?.code == .device)
        #expect(errorThrown { try Tensor(zeros: [1], device: .cuda(0)) } != nil)
    }
}
