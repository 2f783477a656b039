import Synchronization

/// Prepared images kept in memory, so that training decodes and resizes each only once.
///
/// Belongs to one dataset and one preprocessor.
public final class ImageCache: Sendable {
    private struct State {
        var images: [Sample: DecodedImage] = [:]
        var sizeBytes = 0
    }

    private let state = Mutex(State())
    private let maximumSizeBytes: Int

    /// An empty cache.
    ///
    /// - Parameter maximumSizeBytes: images that would exceed it are not kept.
    public init(maximumSizeBytes: Int = 2 << 30) {
        self.maximumSizeBytes = maximumSizeBytes
    }

    /// The prepared image of a sample, if it is kept.
    public subscript(sample: Sample) -> DecodedImage? {
        state.withLock { $0.images[sample] }
    }

    /// Keeps the prepared image of a sample.
    func keep(_ image: DecodedImage, of sample: Sample) {
        state.withLock { state in
            let size = state.sizeBytes + image.pixels.count
            guard size <= maximumSizeBytes, state.images[sample] == nil else { return }
            state.images[sample] = image
            state.sizeBytes = size
        }
    }
}
