import Foundation
import LetheRecords
import LetheTensor
import TestSupport
import Testing

/// A golden file, read once for all tests.
struct GoldenFile: Sendable {
    struct Entry: Sendable {
        let bytes: [UInt8]
        let shape: [Int]
        let type: ElementType
    }

    static let operations = Result { try GoldenFile("operations") }
    static let training = Result { try GoldenFile("training") }

    let entries: [String: Entry]

    private init(_ name: String) throws {
        let url = Locations.fixtures.appending(path: "tensor/\(name).safetensors")
        let file = try Safetensors.open(url)
        var entries: [String: Entry] = [:]
        for name in file.names {
            let tensor = try file.tensor(named: name)
            entries[name] = Entry(
                bytes: try tensor.bytes(), shape: tensor.shape, type: tensor.type)
        }
        self.entries = entries
    }
}

/// The tensors of one case of a golden file.
struct Golden {
    let file: GoldenFile
    let caseName: String

    init(_ file: Result<GoldenFile, any Error>, _ caseName: String) throws {
        self.file = try file.get()
        self.caseName = caseName
    }

    func callAsFunction(_ name: String) throws -> Tensor {
        let entry = try #require(file.entries["\(caseName).\(name)"])
        return try Tensor(bytes: entry.bytes, shape: entry.shape, type: entry.type)
    }
}

/// Expects the same shape and numbers up to rounding: |actual - expected| ≤ tolerance · (1 + |expected|).
func expectClose(
    _ actual: Tensor, _ expected: Tensor, tolerance: Double = 2e-6,
    _ location: SourceLocation = #_sourceLocation
) throws {
    #expect(actual.shape == expected.shape, sourceLocation: location)
    #expect(actual.type == expected.type, sourceLocation: location)
    guard actual.shape == expected.shape else { return }
    let pairs = zip(try actual.doubles(), try expected.doubles())
    let worst = pairs.map { abs($0 - $1) / (1 + abs($1)) }.max() ?? 0
    #expect(worst <= tolerance, "worst relative difference \(worst)", sourceLocation: location)
}

/// The error that `body` throws, which must be a `LetheError`.
func errorThrown(
    _ location: SourceLocation = #_sourceLocation, by body: () throws -> some Any
) -> LetheError? {
    let error = #expect(throws: LetheError.self, sourceLocation: location) { _ = try body() }
    return error
}
