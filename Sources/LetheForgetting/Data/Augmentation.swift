import LetheRecords
import LetheTensor

/// Random mirroring and moving of images, drawn anew for each step from the run's seed.
struct Augmentation: Sendable {
    let flips: Bool
    let shiftPixels: Int

    /// Changes a batch [N, C, H, W]; borders are repeated where an image moves away from them.
    func callAsFunction(_ images: Tensor, _ source: inout SplitMix64) throws(LetheError) -> Tensor {
        var result = images
        if flips { result = try flipped(result, &source) }
        if shiftPixels > 0 { result = try shifted(result, &source) }
        return result
    }

    private func flipped(_ images: Tensor, _ source: inout SplitMix64) throws(LetheError) -> Tensor
    {
        let choices = (0..<images.shape[0]).map { _ in Int64(source.next() >> 63) }
        let mask = try Tensor(choices, shape: [choices.count, 1, 1, 1])
            .converted(to: .bool).moved(to: images.device)
        return try Tensor.where(mask, images.flipped(dimensions: [3]), images)
    }

    private func shifted(_ images: Tensor, _ source: inout SplitMix64) throws(LetheError) -> Tensor
    {
        let height = images.shape[2]
        let width = images.shape[3]
        let padded = try images.padded2D(
            left: shiftPixels, right: shiftPixels, top: shiftPixels, bottom: shiftPixels,
            mode: .replicate)
        var moved: [Tensor] = []
        moved.reserveCapacity(images.shape[0])
        for index in 0..<images.shape[0] {
            let top = source.below(2 * shiftPixels + 1)
            let left = source.below(2 * shiftPixels + 1)
            moved.append(
                try padded.selected(dimension: 0, index: index)
                    .narrowed(dimension: 1, start: top, length: height)
                    .narrowed(dimension: 2, start: left, length: width))
        }
        return try Tensor.stacked(moved)
    }
}
