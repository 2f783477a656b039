/// An array of numbers of one type, with operations that can be differentiated.
///
/// A tensor is a reference: copies of the struct share their numbers, and views (`reshaped`,
/// `narrowed`, `transposed`, …) may share them too. Memory is freed with the last reference. It is
/// not `Sendable`: weights cross threads as bytes, shape and type.
///
/// Every operation throws `LetheError` with the code `tensor`, carrying LibTorch's own sentence.
public struct Tensor {
    let storage: TensorStorage

    init(storage: TensorStorage) {
        self.storage = storage
    }

    /// The size of every dimension; empty for a single number.
    public var shape: [Int] { storage.shape }

    /// How many dimensions there are.
    public var rank: Int { storage.shape.count }

    /// How many numbers there are.
    public var count: Int { storage.shape.reduce(1, *) }

    /// What one number is.
    public var type: ElementType { storage.type }

    /// Where the numbers are.
    public var device: Device { storage.device }
}

extension Tensor: CustomStringConvertible {
    /// Type, shape and device, not the numbers.
    public var description: String {
        "Tensor(\(type.rawValue) \(shape) on \(device))"
    }
}
