import Foundation
import LetheRecords
import LetheTensor

/// Gives a model that was stored as integers its quantisers back, so that it computes what was
/// measured when it was written, inputs' grids included.
enum StoredQuantization {
    /// Does nothing for a checkpoint in floating point.
    ///
    /// - Throws: `malformed` for integers without bits, weights that are not on the grid of those
    ///   bits, or a range that is missing.
    static func restore(_ model: any ImageClassifier, from folder: URL) throws(LetheError) {
        let url = folder.appending(path: "model.safetensors")
        guard FileReading.exists(url) else { return }
        let file = try Safetensors.open(url)
        let integers = Set(
            file.header.entries.filter(QuantizedTensors.isInteger).map(\.name))
        let bits = try bits(file.header.metadata)
        if integers.isEmpty, bits == nil { return }
        guard let bits else { throw malformed("they do not say with how many bits") }
        let layers = model.quantizableLayers.all
        guard Set(layers.map { $0.name + ".weight" }) == integers else {
            throw malformed("not exactly the weights of layers are integers")
        }
        let quantization = try ModelQuantization(
            model, weightBits: bits.weight, activationBits: bits.activation)
        for layer in quantization.layers { try restore(layer, file, device: model.device) }
    }

    private static func restore(
        _ layer: any QuantizableLayer, _ file: SafetensorsFile, device: Device
    ) throws(LetheError) {
        guard let quantizer = layer.quantizer else { return }
        guard try quantizer.weight(layer.weight).isEqual(to: layer.weight) else {
            throw malformed("\(layer.name).weight is not on the grid of its bits")
        }
        guard quantizer.activationBits > 0 else { return }
        let name = QuantizedTensors.rangeName(of: layer.name + ".weight")
        guard file.contains(name) else { throw malformed("\(name) is missing") }
        let range = try file.tensor(named: name)
        guard range.type == .float32, range.shape == [3] else {
            throw malformed("\(name) is no float32 [3]")
        }
        try quantizer.range.copy(from: range.moved(to: device))
    }

    private static func bits(
        _ metadata: [String: String]
    ) throws(LetheError) -> (weight: Int, activation: Int)? {
        guard let weight = metadata[QuantizedTensors.weightBitsKey],
            let activation = metadata[QuantizedTensors.activationBitsKey]
        else { return nil }
        guard let weight = Int(weight), let activation = Int(activation),
            (2...8).contains(weight), activation == 0 || (2...8).contains(activation)
        else { throw malformed("the bits in the metadata are none that there are") }
        return (weight, activation)
    }

    private static func malformed(_ what: String) -> LetheError {
        LetheError(
            code: .malformed, message: "The integers of model.safetensors cannot be used: \(what).",
            remedy: "Fetch the model again, or write it again from the model that it came from.")
    }
}
