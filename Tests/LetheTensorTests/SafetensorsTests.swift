import Foundation
import Glibc
import LetheRecords
import LetheTensor
import TestSupport
import Testing

@Suite("Safetensors files")
struct SafetensorsTests {
    let folder: TemporaryFolder
    let pythonFile = Locations.fixtures.appending(path: "tensor/types.safetensors")

    init() throws {
        folder = try TemporaryFolder()
    }

    private func contents(of file: SafetensorsFile) throws -> [(String, Tensor)] {
        try file.names.map { ($0, try file.tensor(named: $0)) }
    }

    @Test("A file that the Python library wrote is read in every type")
    func readsPythonFile() throws {
        let file = try Safetensors.open(pythonFile)
        #expect(file.names.count == 12)
        #expect(file.header.metadata == ["format": "pt"])
        let expected = try file.tensor(named: "of.float64").doubles()
        for type in [ElementType.float32, .int64, .int32, .int16, .int8, .uint8] {
            let tensor = try file.tensor(named: "of.\(type)")
            #expect(tensor.type == type)
            #expect(tensor.shape == [2, 3])
            let cut = type == .float32 ? expected : expected.map { $0.rounded(.towardZero) }
            #expect(try tensor.doubles() == cut)
        }
        #expect(try file.tensor(named: "of.float16").type == .float16)
        #expect(try file.tensor(named: "of.bfloat16").type == .bfloat16)
        #expect(try file.tensor(named: "of.bool").integers() == expected.map { $0 > 50 ? 1 : 0 })
        #expect(try file.tensor(named: "empty").shape == [0, 3])
        #expect(try file.tensor(named: "a single number").scalar() == 2.5)
    }

    @Test("What is written equals the Python library's file byte for byte, in any order given")
    func writesWhatPythonWrites() throws {
        let tensors = try contents(of: try Safetensors.open(pythonFile))
        let expected = try Data(contentsOf: pythonFile)
        for order in [tensors, tensors.reversed(), tensors.sorted { $0.0 < $1.0 }] {
            let url = folder.url.appending(path: "written.safetensors")
            try Safetensors.write(order, metadata: ["format": "pt"], to: url)
            #expect(try Data(contentsOf: url) == expected)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(names == ["written.safetensors"])
    }

    @Test("Transposed tensors and names of any script survive a round trip")
    func roundTrip() throws {
        let x = try Tensor.arange(6).reshaped([2, 3]).transposed()
        let url = folder.url.appending(path: "round trip é.safetensors")
        try Safetensors.write([("Gewicht \"ü\"\n", x)], metadata: ["ключ": "値"], to: url)
        let file = try Safetensors.open(url)
        #expect(file.header.metadata == ["ключ": "値"])
        #expect(file.contains("Gewicht \"ü\"\n"))
        #expect(try file.tensor(named: "Gewicht \"ü\"\n").isEqual(to: x))
        #expect(try file.bytes(named: "Gewicht \"ü\"\n") == x.bytes())
    }

    @Test("A tensor stays when its file is gone")
    func tensorOutlivesFile() throws {
        let url = folder.url.appending(path: "gone.safetensors")
        try Safetensors.write([("x", try Tensor([1, 2, 3]))], to: url)
        let tensor = try Safetensors.open(url).tensor(named: "x")
        try FileManager.default.removeItem(at: url)
        #expect(try tensor.floats() == [1, 2, 3])
    }

    @Test("A file cut off anywhere is refused")
    func truncated() throws {
        let whole = try Data(contentsOf: pythonFile)
        let url = folder.url.appending(path: "cut.safetensors")
        for length in stride(from: 0, to: whole.count, by: 7) {
            try whole.prefix(length).write(to: url)
            let error = errorThrown { try Safetensors.open(url) }
            #expect(error?.code == .malformed, "cut at \(length)")
        }
    }

    @Test("A file cut off after it was opened gives an error, not the end of the process")
    func truncatedWhileOpen() throws {
        let url = folder.url.appending(path: "cut.safetensors")
        try Safetensors.write([("x", try Tensor(zeros: [100_000]))], to: url)
        let file = try Safetensors.open(url)
        let handle = try FileHandle(forWritingTo: url)
        try handle.truncate(atOffset: 8192)
        #expect(errorThrown { try file.tensor(named: "x") }?.code == .integrity)
    }

    @Test("Missing files, folders, pipes and names are told apart")
    func missing() throws {
        let pipe = folder.url.appending(path: "pipe")
        #expect(unsafe mkfifo(pipe.path, 0o600) == 0)
        #expect(errorThrown { try Safetensors.open(pipe) }?.code == .io)
        let url = folder.url.appending(path: "none.safetensors")
        #expect(errorThrown { try Safetensors.open(url) }?.code == .notFound)
        #expect(errorThrown { try Safetensors.open(folder.url) }?.code == .io)
        let file = try Safetensors.open(pythonFile)
        #expect(errorThrown { try file.tensor(named: "nobody") }?.code == .notFound)
    }

    @Test("Types without a tensor here are refused by name, their bytes are still there")
    func unknownType() throws {
        let entry = SafetensorsHeader.Entry(
            name: "x", elementType: "F8_E4M3", shape: [2], dataRange: 0..<2)
        let url = folder.url.appending(path: "eight-bit.safetensors")
        try Data(SafetensorsHeader.encode([entry]) + [1, 2]).write(to: url)
        let file = try Safetensors.open(url)
        let error = errorThrown { try file.tensor(named: "x") }
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains("F8_E4M3") == true)
        #expect(try file.bytes(named: "x") == [1, 2])
    }

    @Test("A failed write leaves the old file and nothing else")
    func failedWrite() throws {
        let url = folder.url.appending(path: "kept.safetensors")
        try Safetensors.write([("x", try Tensor([1]))], to: url)
        let before = try Data(contentsOf: url)
        let twice = [("x", try Tensor([2])), ("x", try Tensor([3]))]
        #expect(errorThrown { try Safetensors.write(twice, to: url) }?.code == .invalidArgument)
        #expect(try Data(contentsOf: url) == before)
        let nowhere = folder.url.appending(path: "no-folder/x.safetensors")
        #expect(errorThrown { try Safetensors.write([], to: nowhere) }?.code == .notFound)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(names == ["kept.safetensors"])
    }
}
