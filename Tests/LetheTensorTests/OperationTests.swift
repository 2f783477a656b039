import LetheRecords
import LetheTensor
import TestSupport
import Testing

@Suite("Operations agree with PyTorch's Python front end")
struct OperationTests {
    @Test("The result of an operation equals PyTorch's", arguments: OperationCase.all)
    func goldenNumbers(operation: OperationCase) throws {
        let golden = try Golden(GoldenFile.operations, operation.name)
        try expectClose(try operation.run(golden), try golden("out"))
    }

    @Test("Every case of the golden file is run, and only those")
    func allCasesAreRun() throws {
        let file = try GoldenFile.operations.get()
        let cases = Set(file.entries.keys.map { String($0.prefix { $0 != "." }) })
        #expect(cases == Set(OperationCase.all.map(\.name)))
    }

    @Test("A whole number beside an integer tensor leaves it an integer tensor")
    func integersStayIntegers() throws {
        let labels = try Tensor([1, 2, 3] as [Int64])
        let sum = try labels + 1
        #expect(sum.type == .int64)
        #expect(try sum.integers() == [2, 3, 4])
        #expect(try (labels + 0.5).type == .float32)
    }

    @Test("A Float scalar works like a Double")
    func floatScalars() throws {
        let scale: Float = 0.25
        let x = try Tensor([4, -8])
        #expect(try (x * scale).floats() == [1, -2])
        #expect(try (scale - x / scale).floats() == [-15.75, 32.25])
    }

    @Test("A tensor can be cut into equal parts along any dimension")
    func equalParts() throws {
        let x = try Tensor.arange(12).reshaped([2, 6])
        let parts = try x.split(count: 3, dimension: -1)
        #expect(parts.map(\.shape) == [[2, 2], [2, 2], [2, 2]])
        #expect(try parts[2].integers() == [4, 5, 10, 11])
        #expect(errorThrown { try x.split(count: 4, dimension: 1) }?.code == .tensor)
    }

    @Test("Numbers of every type come out as they went in", arguments: ElementType.allCases)
    func typesRoundTrip(type: ElementType) throws {
        let x = try Tensor([0, 1, 1, 0, 1, 0], shape: [2, 3]).converted(to: type)
        #expect(x.type == type)
        #expect(try x.bytes().count == 6 * type.sizeBytes)
        let back = try Tensor(bytes: try x.bytes(), shape: x.shape, type: type)
        #expect(try back.isEqual(to: x))
        #expect(try back.floats() == [0, 1, 1, 0, 1, 0])
    }

    @Test("A transposed tensor gives its numbers in row-major order")
    func viewsAreReadInOrder() throws {
        let x = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]).transposed()
        #expect(try x.floats() == [1, 4, 2, 5, 3, 6])
        #expect(try Tensor(x.floats(), shape: x.shape).isEqual(to: x))
    }

    @Test("Tensors without numbers are allowed")
    func emptyTensors() throws {
        let x = try Tensor([] as [Float], shape: [0, 3])
        #expect(x.count == 0)
        #expect(try x.floats().isEmpty)
        #expect(try x.sum().scalar() == 0)
    }

    @Test(
        "Infinite numbers and numbers that are none are noticed",
        arguments: [
            (Float(1), true), (.infinity, false), (-.infinity, false), (.nan, false),
        ])
    func finiteness(value: Float, isFinite: Bool) throws {
        #expect(try Tensor([0, value]).isFinite() == isFinite)
    }

    @Test("Changes in place keep the tensor and are not recorded")
    func inPlace() throws {
        let x = try Tensor([1, 2]).requiringGradient()
        try x.addInPlace(try Tensor([10, 20]), scale: 0.5)
        try x.multiplyInPlace(2)
        try x.multiplyInPlace(try Tensor([1, -1]))
        #expect(try x.floats() == [12, -24])
        try x.copy(from: try Tensor([3, 4]).converted(to: .float64))
        #expect(try x.floats() == [3, 4])
        try x.fill(7)
        #expect(try x.floats() == [7, 7])
        try (x * 3).sum().backward()
        #expect(try x.gradient?.floats() == [3, 3])
    }
}
