import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("Pipes that are read by place, and frames that are cut out of them")
struct PipeTests {
    @Test("Bytes can be asked for again until later ones are; places that are gone are a conflict")
    func places() throws {
        let pipe = Pipe()
        let reader = PipeReader(pipe.fileHandleForReading)
        try pipe.fileHandleForWriting.write(contentsOf: Data("abcdef".utf8))
        func text(_ offset: Int, _ limit: Int = 3) throws -> String {
            String(
                decoding: try reader.piece(from: offset, atMost: limit, within: 60).bytes,
                as: UTF8.self)
        }
        #expect(try text(0) == "abc" && text(0) == "abc" && text(2) == "cde")
        for offset in [0, 1, 7, -1] {
            let error = #expect(throws: LetheError.self) { try text(offset) }
            #expect(error?.code == .conflict)
        }
        let none = try reader.piece(from: 6, atMost: 3, within: 0.01)
        #expect(none.bytes.isEmpty && !none.isLast)
        try pipe.fileHandleForWriting.write(contentsOf: Data("gh".utf8))
        try pipe.fileHandleForWriting.close()
        #expect(try text(6, 1) == "g")
        // A program that another test starts at this moment may hold the end for a little while.
        while !reader.isAbandoned {}
        let last = try reader.piece(from: 7, atMost: 1, within: 60)
        #expect(last.bytes == Array("h".utf8))
        let over = try reader.piece(from: 8, atMost: 1, within: 60)
        #expect(over.bytes.isEmpty && over.isLast)
    }

    @Test("Who writes waits when nobody takes, and does not once nobody wants any more")
    func full() throws {
        let pipe = Pipe()
        let reader = PipeReader(pipe.fileHandleForReading, limitBytes: 1000)
        let sizeBytes = 3 << 20
        let writing = Thread {
            try? pipe.fileHandleForWriting.write(contentsOf: Data(count: sizeBytes))
            try? pipe.fileHandleForWriting.close()
        }
        writing.start()
        let first = try reader.piece(from: 0, atMost: sizeBytes, within: 60)
        #expect(!first.bytes.isEmpty && first.bytes.count < sizeBytes && !reader.isAbandoned)
        reader.discard()
        reader.waitForEnd()
    }

    @Test("However bytes arrive, the same frames are cut out of them")
    func frames() throws {
        for _ in 0..<20 { try frames(.random(in: .min ... .max)) }
    }

    private func frames(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var bytes: [UInt8] = []
        for _ in 0..<12 {
            let length = Int.random(in: 0...300, using: &random)
            bytes += [0x64, 0, 0, UInt8(length >> 8), UInt8(length & 0xFF)]
            bytes += (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        }
        let end = bytes.count
        // The beginning of one more, of which no byte may come out.
        bytes += [0x64, 0, 0, 1]
        var cutter = FrameCutter(name: "it")
        var out: [UInt8] = []
        var place = 0
        while place < bytes.count {
            let next = min(bytes.count, place + Int.random(in: 1...200, using: &random))
            out += try cutter.take(Array(bytes[place..<next]))
            place = next
        }
        #expect(out == Array(bytes[..<end]), "seed \(seed)")
    }

    @Test("A frame that is too long to be one is refused before it is waited for")
    func longFrame() {
        var cutter = FrameCutter(name: "it")
        let error = #expect(throws: LetheError.self) {
            try cutter.take([0x64, 0, 0x10, 0, 1])
        }
        #expect(error?.code == .malformed)
    }
}
