public import Foundation
public import LetheRecords
import LetheTensor

extension ImageClassifier {
    /// Writes the weights under the names, in the order and in the element types of the file that
    /// they came from; a model that did not change gives the same bytes.
    ///
    /// A created model is written in float32, in the order of the Python library, and a model whose
    /// weights are quantised as integers.
    ///
    /// - Parameter url: the file to write; it appears only once it is whole.
    /// - Throws: `io` or `diskFull`; `invalidArgument` if a tensor changed its shape or a quantised
    ///   weight is not on its grid.
    public func save(weightsTo url: URL) throws(LetheError) {
        if let quantization = ModelQuantization(of: self), quantization.weightBits > 0 {
            return try QuantizedCheckpoint.write(self, quantization, to: url)
        }
        guard let header else {
            var tensors: [(String, Tensor)] = []
            for parameter in parameters { tensors.append((parameter.name, try stored(parameter))) }
            return try Safetensors.write(tensors, metadata: ["format": "pt"], to: url)
        }
        let byName = Dictionary(parameters.map { ($0.name, $0) }) { first, _ in first }
        var file = Data(header.bytes)
        file.reserveCapacity(header.fileSizeBytes)
        for entry in header.entries {
            guard let parameter = byName[entry.name], parameter.tensor.shape == entry.shape else {
                throw LetheError(
                    code: .invalidArgument,
                    message: "The tensor \(entry.name) has lost its shape \(entry.shape).")
            }
            file.append(contentsOf: try stored(parameter).bytes())
        }
        do {
            try file.write(to: url, options: .atomic)
        } catch {
            throw LetheError(
                code: isFull(error) ? .diskFull : .io,
                message: "\(url.lastPathComponent) could not be written.",
                remedy: "Check free space and permissions of its folder.", cause: error)
        }
    }

    private func stored(_ parameter: NamedTensor) throws(LetheError) -> Tensor {
        try parameter.tensor.detached().moved(to: .cpu).converted(to: parameter.storedType)
    }
}

private func isFull(_ error: any Error) -> Bool {
    (error as? CocoaError)?.code == .fileWriteOutOfSpace
}
