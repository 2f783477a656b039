import LetheRecords
import LetheTensor

/// The images that a convolutional network takes.
struct ImageShape {
    let channels: Int
    /// The side of the square images, in pixels; nil for any size.
    let side: Int?

    func check(_ images: Tensor) throws(LetheError) {
        let shape = images.shape
        guard shape.count == 4, shape[1] == channels else {
            throw LetheError(
                code: .invalidArgument,
                message: "The model takes images of shape [batch, \(channels), height, width], "
                    + "not \(shape).",
                remedy: "Use the model's own preprocessor_config.json.")
        }
        guard let side, shape[2] != side || shape[3] != side else { return }
        throw LetheError(
            code: .invalidArgument,
            message: "The model takes images of \(side) x \(side) pixels, not "
                + "\(shape[3]) x \(shape[2]).",
            remedy: "Resize them: set size and do_resize in preprocessor_config.json.")
    }
}
