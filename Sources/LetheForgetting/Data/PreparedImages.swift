import LetheRecords
import LetheTensor
import LetheVision

/// A pool of samples as the model takes them: kept in memory where they fit, else decoded (and
/// computed) anew for each batch.
final class PreparedImages {
    /// Where preprocessed floats stop being kept: 2 GiB.
    static let memoryLimitBytes = 2 << 30
    private static let chunkSize = 64

    /// The label of every sample.
    let labels: [Int]
    private let samples: [Sample]
    private let reader: SampleReader
    private let device: Device
    private var kept: Tensor?
    /// What a decoded batch goes through on the device; nil for nothing.
    private let transform: ((Tensor) throws(LetheError) -> Tensor)?
    private let memoryLimitBytes: Int

    /// Decodes the pool once.
    ///
    /// - Parameter advance: Called with how many samples are done.
    /// - Throws: `malformed` for images that do not decode, `interrupted` when cancelled.
    init(
        _ samples: [Sample], reader: SampleReader, device: Device,
        cancellation: CancellationFlag, memoryLimitBytes: Int = memoryLimitBytes,
        advance: (Int) -> Void
    ) throws(LetheError) {
        self.samples = samples
        self.reader = reader
        self.device = device
        self.memoryLimitBytes = memoryLimitBytes
        transform = nil
        labels = samples.map(\.label)
        for start in stride(from: 0, to: samples.count, by: Self.chunkSize) {
            try cancellation.throwIfSet()
            let end = min(start + Self.chunkSize, samples.count)
            let chunk = try reader.read(samples[start..<end])
            if start == 0, let shape = chunk.first?.shape {
                let size = shape.reduce(samples.count * 4, *)
                if size <= memoryLimitBytes { kept = try Tensor(zeros: [samples.count] + shape) }
            }
            try kept?.narrowed(dimension: 0, start: start, length: end - start)
                .copy(from: Self.tensor(chunk))
            advance(end)
        }
    }

    private init(
        _ pool: PreparedImages, kept: Tensor?,
        transform: @escaping (Tensor) throws(LetheError) -> Tensor
    ) {
        samples = pool.samples
        reader = pool.reader
        device = pool.device
        memoryLimitBytes = pool.memoryLimitBytes
        labels = pool.labels
        self.kept = kept
        self.transform = transform
    }

    /// The same samples after a function that never changes, computed once where the results fit.
    func transformed(
        batchSize: Int, cancellation: CancellationFlag,
        _ transform: @escaping (Tensor) throws(LetheError) -> Tensor
    ) throws(LetheError) -> PreparedImages {
        guard count > 0 else { return PreparedImages(self, kept: nil, transform: transform) }
        let first = try withoutGradient { () throws(LetheError) in try transform(images(at: [0])) }
        let fits = count * first.count * 4 <= memoryLimitBytes
        return PreparedImages(
            self,
            kept: fits
                ? try map(batchSize: batchSize, cancellation: cancellation, transform)
                    .moved(to: .cpu) : nil,
            transform: transform)
    }

    /// How many samples there are.
    var count: Int { samples.count }

    /// The images at some positions, [N, C, H, W], or what they were transformed into, on the
    /// device.
    func images(at positions: [Int]) throws(LetheError) -> Tensor {
        guard let kept else {
            let images = try Self.tensor(reader.read(positions.map { samples[$0] }))
                .moved(to: device)
            guard let transform else { return images }
            return try withoutGradient { () throws(LetheError) in try transform(images) }
        }
        return try kept.rows(at: Tensor(positions.map(Int64.init))).moved(to: device)
    }

    /// The shape of one image, [C, H, W], or of what it was transformed into.
    func imageShape() throws(LetheError) -> [Int] {
        count > 0 ? Array(try images(at: [0]).shape.dropFirst()) : []
    }

    /// The samples at some positions by split and index, as a person finds them.
    func names(at positions: [Int]) -> String {
        positions.map { "\(samples[$0].split) \(samples[$0].index)" }.joined(separator: ", ")
    }

    /// The labels at some positions, int64, on the device.
    func labels(at positions: [Int]) throws(LetheError) -> Tensor {
        try Tensor(positions.map { Int64(labels[$0]) }).moved(to: device)
    }

    /// What a function of images gives for the whole pool, in order, without a graph.
    func map(
        batchSize: Int, cancellation: CancellationFlag,
        _ body: (Tensor) throws(LetheError) -> Tensor
    ) throws(LetheError) -> Tensor {
        var results: [Tensor] = []
        for start in stride(from: 0, to: count, by: batchSize) {
            try cancellation.throwIfSet()
            let positions = Array(start..<min(start + batchSize, count))
            results.append(
                try withoutGradient { () throws(LetheError) in try body(images(at: positions)) })
        }
        return try Tensor.concatenated(results)
    }

    static func tensor(_ images: [SampleReader.Prepared]) throws(LetheError) -> Tensor {
        guard let shape = images.first?.shape, images.allSatisfy({ $0.shape == shape }) else {
            throw LetheError(
                code: .malformed,
                message: "The images have different sizes after preprocessing.",
                remedy: "Give the model a preprocessor_config.json that resizes and crops.")
        }
        return try Tensor(images.flatMap(\.values), shape: [images.count] + shape)
    }
}
