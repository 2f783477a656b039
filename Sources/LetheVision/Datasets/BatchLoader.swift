import Foundation
public import LetheRecords
public import LetheTensor

/// Preprocessed images with their labels.
public struct Batch {
    /// [batch, channels, height, width], float32, on the loader's device.
    public let images: Tensor
    /// The class of each image.
    public let labels: [Int]
    /// The samples, in the order of the images.
    public let samples: [Sample]
}

/// Reads, decodes and preprocesses batches ahead of the computation, on a thread of its own.
///
/// The thread ends with the last batch or with the loader. Images come in the order given.
public final class BatchLoader {
    private let queue: BatchQueue
    private let device: Device
    private var isFinished = false

    /// Starts to prepare batches.
    ///
    /// - Parameters:
    ///   - dataset: where the samples are.
    ///   - samples: which samples, in which order; the last batch may be smaller.
    ///   - preprocessor: what is done to each image.
    ///   - batchSize: images a batch, at least 1.
    ///   - device: where the batches go.
    ///   - cache: keeps prepared images for the next epoch, if given.
    ///   - lookahead: how many batches may wait.
    public init(
        dataset: ImageDataset, samples: [Sample], preprocessor: ImagePreprocessor, batchSize: Int,
        device: Device = .cpu, cache: ImageCache? = nil, lookahead: Int = 2
    ) {
        let queue = BatchQueue(capacity: max(1, lookahead))
        self.queue = queue
        self.device = device
        let maker = BatchMaker(
            dataset: dataset, preprocessor: preprocessor, cache: cache)
        let thread = Thread {
            maker.run(samples, batchSize: max(1, batchSize), into: queue)
        }
        thread.name = "lethe.images"
        thread.start()
    }

    deinit {
        queue.cancel()
    }

    /// The next batch, or nil after the last.
    ///
    /// - Throws: `malformed` naming the images that do not decode (the first ten, and the count);
    ///   no batch comes after the first such image.
    public func next() throws(LetheError) -> Batch? {
        guard !isFinished else { return nil }
        switch queue.take() {
        case .batch(let batch):
            let images = try Tensor(batch.values, shape: batch.shape).moved(to: device)
            return Batch(images: images, labels: batch.labels, samples: batch.samples)
        case .failure(let error):
            isFinished = true
            throw error
        case .end:
            isFinished = true
            return nil
        }
    }
}
