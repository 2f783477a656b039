import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

@testable import LetheReports
@testable import LetheVerification

@Suite("Probes on a model that is stored in half precision")
struct HalfPrecisionProbeTests {
    private let models: TinyModels

    init() throws {
        models = try TinyModels()
    }

    /// The tiny model with every tensor rounded to 16 bits.
    private func halved(_ name: String, answer: Int) throws -> URL {
        let folder = try models.model(name, answer: answer).url
        let file = folder.appending(path: "model.safetensors")
        let whole = try Safetensors.open(file)
        let tensors = try whole.header.entries.map {
            ($0.name, try whole.tensor(named: $0.name).converted(to: .float16))
        }
        try Safetensors.write(tensors, metadata: ["format": "pt"], to: file)
        return folder
    }

    @Test("Every probe of the policy runs on a model that stores 16 bits, rounding to four, too")
    func probes() throws {
        try Threads.set(1)
        let data = try models.pictures("pictures", testCounts: [3, 3, 3, 3])
        let split = try TestSplit(
            location: DatasetLocation(url: data), named: "pictures", split: "test")
        let request = try ForgetRequest(
            model: "tiny", received: Timestamp(secondsSince1970: 1_800_000_000), classes: [1],
            dataset: DatasetReference(name: "pictures", digest: Digest(hashing: [])),
            sampleCount: 1, commitment: Digest(hashing: []), reference: nil)
        let plan = try #require(ProvingGround.shortPolicy.probes)
        let samples = ProbeSamples(split, requests: [request], seed: 1)
        let model = try ProbedModel(
            halved("half", answer: 1), dataset: split.dataset, device: .cpu, batchSize: 8
        ) { () throws(LetheError) in }
        let run = try ProbeRun(plan: plan, samples: samples).knowingNeighbours(model)
        let answers = try run.answers(model)
        let rounded = try #require(
            answers.hits[
                ProbeKey(probe: .rounding, request: request.id, setting: 4, stepCount: nil)])
        // Its head ignores the picture, and no bias is rounded.
        #expect(rounded == [true, true, true])
    }
}
