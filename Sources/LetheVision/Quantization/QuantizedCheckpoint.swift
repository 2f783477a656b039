public import Foundation
public import LetheRecords
public import LetheTensor

/// The integers of a quantised model as a safetensors file: the weight `NAME` of each quantised
/// layer as int8, beside it `NAME.scale` in float32, one for each output channel; all other
/// tensors as their checkpoint has them.
///
/// `NAME` times `NAME.scale`, in float32, is bit for bit the weight that the model computes with.
public enum QuantizedCheckpoint {
    private static let suffix = ".scale"

    /// Writes a model whose weights are on their grids.
    ///
    /// - Parameters:
    ///   - model: A model that a `ModelQuantization` with weight bits has settled.
    ///   - url: The file to write; it appears only once it is whole.
    /// - Throws: `invalidArgument` for a weight that is not exactly on its grid, `io`, `diskFull`.
    public static func write(_ model: any ImageClassifier, to url: URL) throws(LetheError) {
        var quantized: [String: LayerQuantizer] = [:]
        for layer in model.quantizableLayers.all {
            guard let quantizer = layer.quantizer, quantizer.weightBits > 0 else { continue }
            quantized[layer.name + ".weight"] = quantizer
        }
        var tensors: [(String, Tensor)] = []
        for parameter in model.parameters {
            let tensor = try parameter.tensor.detached().moved(to: .cpu)
            guard let quantizer = quantized[parameter.name] else {
                tensors.append((parameter.name, try tensor.converted(to: parameter.storedType)))
                continue
            }
            let grid = try WeightGrid(tensor, bits: quantizer.weightBits)
            let integers = try grid.integers(tensor)
            guard try product(integers, grid.scale).isEqual(to: tensor) else {
                throw notOnGrid(parameter.name)
            }
            tensors.append((parameter.name, integers))
            tensors.append((parameter.name + suffix, try grid.scale.flattened()))
        }
        try Safetensors.write(tensors, metadata: ["format": "pt"], to: url)
    }

    /// Reads a file back into the tensors of the model, weights multiplied out.
    ///
    /// - Parameter url: A file that `write` made.
    /// - Returns: Every tensor of the checkpoint by name.
    /// - Throws: `malformed` for integers without scales that fit, and what opening a file throws.
    public static func read(_ url: URL) throws(LetheError) -> [String: Tensor] {
        let file = try Safetensors.open(url)
        var tensors: [String: Tensor] = [:]
        var scales: Set<String> = []
        for name in file.names {
            let tensor = try file.tensor(named: name)
            tensors[name] = tensor
            guard tensor.type == .int8 else { continue }
            guard file.contains(name + suffix) else { throw noScale(name) }
            let scale = try file.tensor(named: name + suffix)
            guard tensor.rank > 1, scale.type == .float32, scale.shape == [tensor.shape[0]] else {
                throw noScale(name)
            }
            let spread = [tensor.shape[0]] + Array(repeating: 1, count: tensor.rank - 1)
            tensors[name] = try product(tensor, scale.reshaped(spread))
            scales.insert(name + suffix)
        }
        return tensors.filter { !scales.contains($0.key) }
    }

    private static func product(
        _ integers: Tensor, _ scale: Tensor
    ) throws(LetheError) -> Tensor {
        try integers.converted(to: .float32) * scale
    }

    private static func notOnGrid(_ name: String) -> LetheError {
        LetheError(
            code: .invalidArgument,
            message: "The tensor \(name) is not exactly on its grid of integers.",
            remedy: "Settle the model's quantisation before writing it.")
    }

    private static func noScale(_ name: String) -> LetheError {
        LetheError(
            code: .malformed, message: "The integers \(name) have no scale for each channel.",
            remedy: "Write the file again from the model.")
    }
}
