import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import Testing

@testable import LetheForgetting

/// Adds the delta to the weights of the model's folder.
func merge(_ task: ForgetTask) throws {
    let model = try VisionTransformer.load(folder: task.modelFolder)
    let delta = try Safetensors.open(task.deltaFile)
    for block in model.blocks {
        for layer in [block.feedForward.first, block.feedForward.second] {
            let name = "base_model.model.\(layer.name)"
            let down = try delta.tensor(named: "\(name).lora_A.weight")
            let up = try delta.tensor(named: "\(name).lora_B.weight")
            layer.weight = try layer.weight + up.matmul(down) * 0.125
        }
    }
    try model.save(weightsTo: task.modelFolder.appending(path: "model.safetensors"))
}

/// The accuracy on each class of the test split once the delta is merged.
func mergedTestAccuracies(
    _ problem: TinyProblem, _ task: ForgetTask
) throws -> [Double] {
    try merge(task)
    return try testAccuracies(problem)
}

/// The accuracy on each class of the test split, in 0...1.
func testAccuracies(_ problem: TinyProblem) throws -> [Double] {
    let dataset = try ImageDataset.open(problem.dataset.url)
    let result = try evaluate(
        VisionTransformer.load(folder: problem.model), dataset: dataset,
        samples: #require(dataset.splits["test"]),
        preprocessor: ImagePreprocessor(folder: problem.model))
    return result.classes.map { $0.accuracy ?? -1 }
}
