import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import Testing

@testable import LetheForgetting

/// Files and scores: PEFT with `use_rslora`, by scripts/golden/forgetting_s3t.py.
@Suite("S3T: a stage as PEFT computes it")
struct ShardGoldenTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/forgetting")
    private let folder = fixtures.appending(path: "s3t")

    private func model() throws -> StageModel {
        try StageModel(
            folder: Self.fixtures.appending(path: "gs-lora"), sliceCount: 2, device: .cpu)
    }

    private func file(_ stage: Int) throws -> SafetensorsFile {
        try Safetensors.open(folder.appending(path: "stage-\(stage).safetensors"))
    }

    @Test("A stage with the base gives PEFT's scores, also after another stage was in its place")
    func scores() throws {
        let golden = try Safetensors.open(folder.appending(path: "golden.safetensors"))
        let images = try golden.tensor(named: "images")
        let model = try model()
        for stage in [1, 2, 1] {
            model.install(try StageParts(reading: file(stage), for: model, stage: stage))
            let expected = try golden.tensor(named: "logits\(stage)")
            let difference = try (model.base.logits(images) - expected).absolute().maximum()
            #expect(try difference.scalar() < 2e-5, "stage \(stage)")
        }
    }

    @Test("The rank-stabilised scale is PEFT's")
    func scale() throws {
        let recipe = Recipe(
            name: "tiny", method: "s3t", description: "", parameters: ["rank": 4, "alpha": 6])
        let scale = try #require(try file(1).header.metadata["scale"].flatMap(Double.init))
        #expect(try S3TParameters(recipe).scale == scale)
    }

    @Test("A file with too few or too many tensors for its stage is no file of the stage")
    func misfits() throws {
        let model = try model()
        for (number, stage) in [(1, 2), (2, 1)] {
            let error = #expect(throws: LetheError.self) {
                try StageParts(reading: file(number), for: model, stage: stage)
            }
            #expect(error?.code == .malformed)
        }
    }
}
