import LetheRecords
import LetheTensor

/// The weights of a pruned model that are exactly zero, and stay so (methods.md 1.7 item 3):
/// momentum and weight decay would bring them back.
struct ZeroMask {
    /// 1 where a weight may move; nil for tensors without zeros, and for vectors (biases, norms).
    private let masks: [Tensor?]

    /// Finds the zeros of the tensors with two or more dimensions.
    init(_ parameters: [Tensor]) throws(LetheError) {
        var masks: [Tensor?] = []
        for parameter in parameters {
            let alive = try parameter.detached().notEqual(
                Tensor(zeros: [1], device: parameter.device))
            let isWhole = try alive.all().scalar() != 0
            masks.append(
                parameter.rank < 2 || isWhole ? nil : try alive.converted(to: .float32))
        }
        self.masks = masks
    }

    /// Sets the held coordinates to zero.
    func apply(to parameters: [Tensor]) throws(LetheError) {
        for (parameter, mask) in zip(parameters, masks) {
            if let mask { try parameter.multiplyInPlace(mask) }
        }
    }
}
