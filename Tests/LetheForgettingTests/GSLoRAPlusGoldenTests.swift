import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

@testable import LetheForgetting

/// Five steps against PyTorch; the golden files come from scripts/golden/forgetting_gs_lora_plus.py.
@Suite("GS-LoRA++ equals the same method written in PyTorch")
struct GSLoRAPlusGoldenTests {
    private struct Golden: Decodable {
        let forgotten: [Int]
        let earlier: [Int]
        let retained: [Int]
        let forgetBatchSize: Int
        let steps: [[String: Double]]
    }

    private let inputs: SafetensorsFile
    private let model: VisionTransformer

    init() throws {
        try Threads.set(1)
        let folder = Locations.fixtures.appending(path: "forgetting/gs-lora")
        inputs = try Safetensors.open(folder.appending(path: "inputs.safetensors"))
        model = try VisionTransformer.load(folder: folder)
    }

    @Test(
        "Prototypes, the pull on features, adapters everywhere and the proximal step",
        arguments: ["prototypes", "proximal"])
    func fiveSteps(_ name: String) throws {
        let folder = Locations.fixtures.appending(path: "forgetting/gs-lora-plus")
        let data = try Data(contentsOf: folder.appending(path: "\(name).json"))
        let golden = try JSONDecoder().decode(Golden.self, from: data)
        let record = try StrictJSON.parse([UInt8](data))
        let recipe = Recipe(
            name: "golden", method: "gs-lora", description: "",
            parameters: try #require(record["recipe"]))
        let parameters = try GSLoRAParameters(recipe, classCount: 6)
        let expected = try Safetensors.open(folder.appending(path: "\(name).safetensors"))
        let (method, adapters) = try method(parameters, golden, expected)
        let optimizer = try adapters.optimizer(parameters.optimization)
        for (step, terms) in golden.steps.enumerated() {
            let figures = try method.update(
                step: step, optimizer,
                learningRate: parameters.optimization.schedule.rate(step: step),
                gradientNormLimit: parameters.optimization.gradientNormLimit)
            for (name, value) in terms {
                let figure = try #require(figures[name], "\(name)")
                #expect(abs(figure - value) < 2e-5 * max(1, abs(value)), "\(name) step \(step)")
            }
        }
        for adapter in adapters.blocks.joined() {
            let down = try expected.tensor(named: "\(adapter.layer.name).A")
            let up = try expected.tensor(named: "\(adapter.layer.name).B")
            #expect(try largestDifference(adapter.down, down) < 2e-5, "\(adapter.layer.name)")
            #expect(try largestDifference(adapter.up, up) < 2e-5, "\(adapter.layer.name)")
        }
        let figures = try adapters.sparsityFigures(parameters.losses.groupLasso)
        #expect(figures["zeroGroupRatio"] == (name == "proximal" ? 0.5 : 0))
    }

    /// The method as the golden file describes it, with the A that the script drew.
    private func method(
        _ parameters: GSLoRAParameters, _ golden: Golden, _ expected: SafetensorsFile
    ) throws -> (GSLoRA, LowRankAdapters) {
        let images = try inputs.tensor(named: "images")
        let labels = try inputs.tensor(named: "labels")
        let order = try inputs.tensor(named: "order")
        let roles = ClassRoles(
            forgotten: golden.forgotten, earlier: golden.earlier, retained: golden.retained)
        let features = try model.features(images)
        let teacher = try model.classify(features: features)
        let prototypes = try ClassPrototypes(
            features: features, labels: labels.integers().map(Int.init), classCount: 6)
        #expect(
            try largestDifference(prototypes.means, expected.tensor(named: "prototypes")) < 1e-5)
        let adapters = try LowRankAdapters(
            model, rank: parameters.rank, slopeSquared: 5, place: parameters.adapterPlace,
            seed: RunSeed(seed: 0, task: 0))
        for adapter in adapters.blocks.joined() {
            try adapter.down.copy(from: expected.tensor(named: "\(adapter.layer.name).start"))
        }
        let method = try GSLoRA(
            model, adapters: adapters, losses: parameters.losses, roles: roles, monitor: nil,
            features: parameters.features.isUsed
                ? FeatureTerms(parameters.features, prototypes: prototypes, roles: roles) : nil,
            proximal: parameters.losses.groupLasso == .proximal
                ? ProximalGroupStep(
                    groups: adapters.groups(.proximal),
                    weight: parameters.losses.groupLassoWeight,
                    rateFactors: adapters.rateFactors(
                        blockDecay: parameters.optimization.blockDecay)) : nil,
            batch: { step throws(LetheError) in
                let rows = try order.selected(dimension: 0, index: step)
                let parts = try labels.rows(at: rows).split(
                    sizes: [golden.forgetBatchSize, rows.count - golden.forgetBatchSize])
                return ForgetBatch(
                    images: try images.rows(at: rows), forgetLabels: parts[0],
                    retainLabels: parts[1], teacher: try teacher.rows(at: rows))
            },
            meter: { _ throws(LetheError) in
                SelectionCheck(figures: [:], score: 0, meetsGoal: false)
            })
        return (method, adapters)
    }
}
