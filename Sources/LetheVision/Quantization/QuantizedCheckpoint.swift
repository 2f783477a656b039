import Foundation
import LetheRecords
import LetheTensor

/// The integers of a quantised model as a safetensors file, which is what is stored, certified and
/// pulled (docs/FORMAT.md, "Integers"; the layout is ours).
///
/// The weight `NAME.weight` of each quantised layer is int8, [1, outputs, ...]; `NAME.weight.scale`
/// is float32, [outputs]; `NAME.input_range` is float32 [3] (minimum, maximum, batches seen) where
/// inputs are quantised as well. All other tensors are as their checkpoint has them. The leading 1
/// makes a program that does not know the layout refuse the shape instead of taking integers for
/// weights.
enum QuantizedCheckpoint {
    /// Writes a model whose weights are on their grids.
    ///
    /// - Parameters:
    ///   - model: A model that `quantization`, with weight bits, has settled.
    ///   - url: The file to write; it appears only once it is whole.
    /// - Throws: `invalidArgument` for a weight that is not exactly on its grid, `io`, `diskFull`.
    static func write(
        _ model: any ImageClassifier, _ quantization: ModelQuantization, to url: URL
    ) throws(LetheError) {
        let quantized = Dictionary(
            quantization.layers.map { ($0.name + ".weight", $0.quantizer) }
        ) { first, _ in first }
        var tensors: [(String, Tensor)] = []
        for parameter in model.parameters {
            let tensor = try parameter.tensor.detached().moved(to: .cpu)
            if case let quantizer?? = quantized[parameter.name] {
                tensors += try integers(parameter.name, tensor, quantizer)
            } else {
                tensors.append((parameter.name, try tensor.converted(to: parameter.storedType)))
            }
        }
        let metadata = [
            "format": "pt",
            QuantizedTensors.weightBitsKey: String(quantization.weightBits),
            QuantizedTensors.activationBitsKey: String(quantization.activationBits),
        ]
        try Safetensors.write(tensors, metadata: metadata, to: url)
    }

    private static func integers(
        _ name: String, _ weight: Tensor, _ quantizer: LayerQuantizer
    ) throws(LetheError) -> [(String, Tensor)] {
        let grid = try WeightGrid(weight, bits: quantizer.weightBits)
        let integers = try grid.integers(weight)
        let scale = try grid.scale.flattened()
        guard try QuantizedTensors.product(integers, scale).isEqual(to: weight) else {
            throw LetheError(
                code: .invalidArgument,
                message: "The tensor \(name) is not exactly on its grid of integers.",
                remedy: "Settle the model's quantisation before writing it.")
        }
        var tensors = [
            (name, try integers.reshaped([1] + weight.shape)),
            (name + QuantizedTensors.scaleSuffix, scale),
        ]
        if quantizer.activationBits > 0 {
            let range = try quantizer.range.detached().moved(to: .cpu)
            tensors.append((QuantizedTensors.rangeName(of: name), range))
        }
        return tensors
    }
}
