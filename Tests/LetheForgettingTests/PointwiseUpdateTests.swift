import Foundation
import LetheRecords
import LetheStorage
import LetheTensor
import LetheVision
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("Low-rank updates of an EfficientNet-Lite")
struct PointwiseUpdateTests {
    private static let folder = Locations.fixtures.appending(
        path: "vision/models/efficientnet-lite")
    private let temporary: TemporaryFolder
    private let images: Tensor

    init() throws {
        temporary = try TemporaryFolder()
        let golden = try Safetensors.open(Self.folder.appending(path: "expected.safetensors"))
        let input = try #require(golden.names.first { $0.hasPrefix("images") })
        images = try golden.tensor(named: input)
    }

    /// Updates with a B that is not zero, so that they change something.
    private func adapters(_ model: any ImageClassifier) throws -> LowRankAdapters {
        let adapters = try LowRankAdapters(
            model, rank: 2, slopeSquared: 5, seed: RunSeed(seed: 7, task: 0))
        let generator = try Generator(seed: 3)
        for adapter in adapters.blocks.joined() {
            try adapter.up.detached().copy(
                from: Tensor.uniform(
                    shape: adapter.up.shape, low: -0.5, high: 0.5, generator: generator))
        }
        try adapters.attach()
        return adapters
    }

    /// The largest difference of two numbers at the same place.
    private func difference(_ first: Tensor, _ second: Tensor) throws -> Float {
        try zip(first.floats(), second.floats()).map { abs($0 - $1) }.max() ?? 0
    }

    @Test("Every convolution of one pixel takes one, the last one as a block of its own")
    func places() throws {
        let model = try ClassifierLoading.load(folder: Self.folder)
        let names = model.adapterBlocks.map { $0.feedForward.map(\.name) }
        #expect(
            names == [
                ["_blocks.0._project_conv"],
                ["_blocks.1._expand_conv", "_blocks.1._project_conv"],
                ["_blocks.2._expand_conv", "_blocks.2._project_conv"],
                ["_blocks.3._expand_conv", "_blocks.3._project_conv"],
                ["_blocks.4._expand_conv", "_blocks.4._project_conv"], ["_conv_head"],
            ])
        #expect(throws: LetheError.self) {
            try LowRankAdapters(
                model, rank: 2, slopeSquared: 5, place: .attention, seed: RunSeed(seed: 7, task: 0))
        }
    }

    @Test("Beside the weights they compute what the merged weights compute")
    func merging() throws {
        let model = try ClassifierLoading.load(folder: Self.folder)
        let before = try withoutGradient { try model.logits(images) }
        let adapters = try adapters(model)
        let beside = try withoutGradient { try model.logits(images) }
        #expect(try difference(beside, before) > 0.01)
        let delta = temporary.url.appending(path: "delta.safetensors")
        try adapters.write(to: delta)
        let merged = temporary.url.appending(path: "merged")
        try FileManager.default.copyItem(at: Self.folder, to: merged)
        let base = Self.folder.appending(path: "model.safetensors")
        var bytes = Data()
        try DeltaMerge.merge(base: base, expecting: FileDigest.of(base), delta: delta) {
            bytes.append(contentsOf: $0)
        }
        try bytes.write(to: merged.appending(path: "model.safetensors"))
        let after = try ClassifierLoading.load(folder: merged)
        let inside = try withoutGradient { try after.logits(images) }
        #expect(try difference(beside, inside) < 1e-4)
    }
}
