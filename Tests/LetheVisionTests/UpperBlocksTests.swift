import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

@Suite("The upper blocks of a classifier")
struct UpperBlocksTests {
    @Test(
        "After the lower blocks they give the features and scores of the whole, bit for bit",
        arguments: [
            "vit", "timm-avg", "dinov2", "timm-deit-distilled", "face", "efficientnet-lite",
        ])
    func agree(name: String) throws {
        let folder = VisionFixtures.models.appending(path: name)
        let model = try ClassifierLoading.load(folder: folder)
        let golden = try Safetensors.open(folder.appending(path: "expected.safetensors"))
        let input = try #require(golden.names.first { $0.hasPrefix("images") })
        let images = try golden.tensor(named: input)
        for first in 0..<model.adapterBlocks.count {
            let upper = try UpperBlocks(of: model, from: first)
            #expect(upper.adapterBlocks.count == model.adapterBlocks.count - first)
            try withoutGradient {
                let tokens = try upper.inputs(images)
                #expect(try upper.features(tokens).isEqual(to: model.features(images)))
                #expect(try upper.logits(tokens).isEqual(to: model.logits(images)))
            }
        }
    }

    @Test("A block that is not there, and a network without such blocks, are refused")
    func refusals() throws {
        let transformer = try ClassifierLoading.load(
            folder: VisionFixtures.models.appending(path: "vit"))
        #expect(throws: LetheError.self) {
            try UpperBlocks(of: transformer, from: transformer.adapterBlocks.count)
        }
        #expect(throws: LetheError.self) { try UpperBlocks(of: transformer, from: -1) }
        let convolutional = try ClassifierLoading.load(
            folder: VisionFixtures.models.appending(path: "resnet-basic"))
        let error = #expect(throws: LetheError.self) { try UpperBlocks(of: convolutional, from: 0) }
        #expect(error?.code == .unsupported)
    }
}
