import Foundation
import LetheRecords
import LetheVision
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("Finding training samples by example images")
struct ExampleSearchTests {
    private let engine = ForgettingEngine()

    /// Training samples, written out as PNG files, are examples.
    private func task(
        _ problem: TinyProblem, examples: [Int], nearest: Int = 1
    ) throws -> ExampleTask {
        let folder = problem.folder.url.appending(path: "examples")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let dataset = try problem.dataset.open()
        for index in examples {
            let sample = try #require(dataset.splits["train"]?[index])
            let image = try dataset.image(of: sample)
            try Data(PlainPNG.grey(image.pixels, width: image.width))
                .write(to: folder.appending(path: "\(index).png"))
        }
        return ExampleTask(
            modelFolder: problem.model, dataset: problem.dataset, examplesFolder: folder,
            nearestCount: nearest, excludedClasses: [],
            commitments: SampleCommitments(
                key: try CommitmentKey(bytes: [UInt8](repeating: 7, count: 32))),
            place: problem.place)
    }

    private func refusal(_ task: ExampleTask) async -> LetheError? {
        do throws(LetheError) {
            _ = try await engine.nearest(task) { _ in }
            return nil
        } catch {
            return error
        }
    }

    @Test("An image finds itself first, and samples of its class next")
    func findsItself() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let found = try await engine.nearest(try task(problem, examples: [8], nearest: 4)) { _ in }
        #expect(found.count == 4)
        #expect(found[0].sample.index == 8)
        #expect(abs(found[0].similarity - 1) < 1e-5)
        #expect(found.allSatisfy { $0.sample.label == 8 % TinyProblem.classCount }, "\(found)")
        #expect(found.map(\.similarity) == found.map(\.similarity).sorted(by: >))
    }

    @Test("Each sample is listed once, and forgotten ones never")
    func listedOnce() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        var task = try task(problem, examples: [8, 14], nearest: 6)
        let found = try await engine.nearest(task) { _ in }
        #expect(Set(found.map(\.sample.index)).count == found.count)
        #expect((6...12).contains(found.count))
        task.commitments.forgotten = [found[0].sample.commitment]
        let without = try await engine.nearest(task) { _ in }
        #expect(!without.map(\.sample.index).contains(found[0].sample.index))
        task.excludedClasses = [2]
        let others = try await engine.nearest(task) { _ in }
        #expect(!others.map(\.sample.label).contains(2))
    }

    @Test("A broken example, none and a missing folder are refused, naming them")
    func brokenExamples() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        var task = try task(problem, examples: [1])
        try Data("no image".utf8).write(to: task.examplesFolder.appending(path: "broken.png"))
        let error = await refusal(task)
        #expect(error?.code == .malformed)
        #expect(error?.message.contains("broken.png") == true)
        let empty = problem.folder.url.appending(path: "empty")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        task.examplesFolder = empty
        #expect(await refusal(task)?.code == .notFound)
        task.examplesFolder = problem.folder.url.appending(path: "nowhere")
        #expect(await refusal(task)?.code == .notFound)
    }
}

/// Grey PNG files without compression (RFC 2083, RFC 1950 and 1951).
enum PlainPNG {
    static func grey(_ pixels: [UInt8], width: Int) -> [UInt8] {
        let height = pixels.count / width
        let rows = (0..<height).flatMap { [0] + pixels[$0 * width..<($0 + 1) * width] }
        let count = UInt16(rows.count)
        let block: [UInt8] = [1, UInt8(count & 255), UInt8(count >> 8)]
        let inverse: [UInt8] = [UInt8(~count & 255), UInt8(~count >> 8)]
        let stream = [0x78, 0x01] + block + inverse + rows + bigEndian(adler(rows))
        let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 0, 0, 0, 0]
        return [137, 80, 78, 71, 13, 10, 26, 10] + chunk("IHDR", header)
            + chunk("IDAT", stream) + chunk("IEND", [])
    }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + content
        return bigEndian(UInt32(content.count)) + body + bigEndian(crc(body))
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static func adler(_ bytes: [UInt8]) -> UInt32 {
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return b << 16 | a
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in
                value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1
            }
        }
    }
}
