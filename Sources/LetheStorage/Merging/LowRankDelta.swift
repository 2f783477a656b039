internal import Foundation
internal import LetheRecords

/// A delta file: PEFT's names and shapes, and the scale in the metadata.
struct LowRankDelta {
    struct Layer {
        /// The layer's name in the base, without `.weight`.
        let module: String
        /// The name of the weight that the update is for.
        var weightName: String { "\(module).weight" }
        let rank: Int
        let inputCount: Int
        let outputCount: Int
        /// What follows outputs and inputs in the weight's shape: nothing, or [1, 1] in a
        /// convolution of one pixel.
        let kernelShape: [Int]
        /// The shape of the weight that the update is for.
        var weightShape: [Int] { [outputCount, inputCount] + kernelShape }
        /// [rank, in], row by row.
        let down: [Float]
        /// [out, rank], row by row.
        let up: [Float]
    }

    let scale: Float
    let layers: [Layer]

    private static let prefix = "base_model.model."
    private static let downSuffix = ".lora_A.weight"
    private static let upSuffix = ".lora_B.weight"

    /// Reads a delta from a file.
    init(reading url: URL) throws(LetheError) {
        try self.init(SafetensorsReading(url))
    }

    /// Takes the bytes of a delta file.
    ///
    /// - Throws: `malformed` with the reason, `numerical` for numbers that are not finite.
    init(_ file: SafetensorsReading) throws(LetheError) {
        guard let text = file.header.metadata["scale"], let scale = Float(text), scale.isFinite
        else {
            throw Self.malformed("it does not say its scale, a finite number")
        }
        self.scale = scale
        let entries = file.header.entries
        // A header may name a million tensors; looking for each from the start would take hours.
        let named = Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
        var layers: [Layer] = []
        for entry in entries where entry.name.hasSuffix(Self.downSuffix) {
            let stem = String(entry.name.dropLast(Self.downSuffix.count))
            guard let up = named[stem + Self.upSuffix] else {
                throw Self.malformed("\(stem) is no pair of float32 matrices")
            }
            layers.append(try Self.layer(stem, down: entry, up: up, in: file))
        }
        guard !layers.isEmpty, entries.count == layers.count * 2 else {
            throw Self.malformed("it is not made of pairs of low-rank matrices")
        }
        self.layers = layers.sorted { $0.module < $1.module }
    }

    private static func layer(
        _ stem: String, down: SafetensorsHeader.Entry, up: SafetensorsHeader.Entry,
        in file: SafetensorsReading
    ) throws(LetheError) -> Layer {
        let kernelShape = Array(down.shape.dropFirst(2))
        guard stem.hasPrefix(prefix), down.shape.count >= 2, up.shape.count >= 2,
            kernelShape.isEmpty || kernelShape == [1, 1], up.shape.dropFirst(2) == kernelShape[...],
            down.shape[0] == up.shape[1], down.elementType == "F32", up.elementType == "F32"
        else {
            throw malformed("\(stem) is no pair of float32 matrices")
        }
        let format = try WeightFormat(down)
        let numbers = (format.floats(file.bytes(of: down)), format.floats(file.bytes(of: up)))
        guard numbers.0.allSatisfy(\.isFinite), numbers.1.allSatisfy(\.isFinite) else {
            throw LetheError(
                code: .numerical, message: "The delta of \(stem) has numbers that are not finite.",
                remedy: "Forget again with a smaller learning rate.")
        }
        return Layer(
            module: String(stem.dropFirst(prefix.count)), rank: down.shape[0],
            inputCount: down.shape[1], outputCount: up.shape[0], kernelShape: kernelShape,
            down: numbers.0, up: numbers.1)
    }

    private static func malformed(_ reason: String) -> LetheError {
        LetheError(
            code: .malformed, message: "The file is no delta: \(reason).",
            remedy: "Make it again with lethe forget.")
    }
}

extension LowRankDelta.Layer {
    /// A row of W' for the same row of W; see `DeltaMerge` for the order of operations.
    func merged(row: Int, into weights: [Float], scale: Float) -> [Float] {
        var sums = [Float](repeating: 0, count: inputCount)
        for k in 0..<rank {
            let factor = up[row * rank + k]
            let start = k * inputCount
            for column in 0..<inputCount {
                sums[column] = sums[column] + factor * down[start + column]
            }
        }
        return zip(weights, sums).map { weight, sum in weight + scale * sum }
    }
}
