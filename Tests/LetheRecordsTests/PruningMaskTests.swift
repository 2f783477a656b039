import Foundation
import LetheRecords
import TestSupport
import Testing

/// The files come from scripts/golden/pruning_mask.py.
@Suite("The mask of a pruned model")
struct PruningMaskTests {
    private func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](
            try Data(
                contentsOf: Locations.fixtures.appending(path: "masks/\(name).safetensors")))
    }

    private func check(
        _ mask: PruningMask, _ weights: [UInt8], pieceSizeBytes: Int = 1 << 20
    ) throws(LetheError) {
        var check = MaskedWeights(mask, sizeBytes: weights.count)
        for start in stride(from: 0, to: weights.count, by: pieceSizeBytes) {
            try check.add(Array(weights[start..<min(start + pieceSizeBytes, weights.count)]))
        }
        try check.finish()
    }

    @Test("What numpy packed and safetensors wrote is read, and written again byte for byte")
    func roundTrip() throws {
        let file = try bytes("mask")
        let mask = try PruningMask(parsing: file)
        #expect(mask.bits.count == 4)
        #expect(try mask.encoded() == file)
        let alive = try #require(try mask.isAlive("brain.weight", count: 15))
        #expect(PruningMask.pack(alive) == mask.bits["brain.weight"])
        #expect(try mask.isAlive("conv.bias", count: 4) == nil)
    }

    @Test("Weights that are zero where the mask holds them pass, in pieces of any size")
    func holds() throws {
        let mask = try PruningMask(parsing: bytes("mask"))
        let weights = try bytes("weights")
        for size in [1, 7, 64, 333, 1 << 20] { try check(mask, weights, pieceSizeBytes: size) }
        let short = #expect(throws: LetheError.self) { try check(mask, Array(weights.prefix(40))) }
        #expect(short?.code == .malformed)
    }

    @Test("One number that is held and not zero is found, with its place", arguments: [1, 5, 4096])
    func broken(pieceSizeBytes: Int) throws {
        let mask = try PruningMask(parsing: bytes("mask-wrong"))
        let error = #expect(throws: LetheError.self) {
            try check(mask, bytes("weights"), pieceSizeBytes: pieceSizeBytes)
        }
        #expect(error?.code == .integrity && error?.message.contains("brain.weight") == true)
    }

    @Test("Masks that do not fit are refused: too few bits, spare bits set, names nobody knows")
    func misfits() throws {
        let weights = try bytes("weights")
        for bits in [
            ["brain.weight": [0xFF]], ["brain.weight": [0xFF, 0xFF]], ["nothing": [0xFF]],
            ["brain.weight": [0xFF, 0xFE, 0]],
        ] as [[String: [UInt8]]] {
            let error = #expect(throws: LetheError.self) {
                try check(PruningMask(bits: bits), weights)
            }
            #expect(error?.code == .malformed, "\(bits)")
        }
        let noMask = #expect(throws: LetheError.self) { try PruningMask(parsing: weights) }
        #expect(noMask?.code == .malformed && noMask?.message.contains("lethe.mask.v1") == true)
    }
}
