public import LetheTensor

/// A parameter of a model under the name that its checkpoint gives it.
///
/// The model's layers and its `parameters` share these objects: a tensor that is put in here is
/// the one that the next forward pass uses.
public final class NamedTensor {
    /// The name in the checkpoint.
    public let name: String
    /// The numbers, float32 on the model's device.
    public var tensor: Tensor
    /// What one number is in the checkpoint; saving converts back to it.
    public let storedType: ElementType
    /// Whether the forward pass uses it; the mask token of a checkpoint, for one, is only kept.
    public let isUsed: Bool

    /// Names a tensor.
    init(name: String, tensor: Tensor, storedType: ElementType, isUsed: Bool) {
        self.name = name
        self.tensor = tensor
        self.storedType = storedType
        self.isUsed = isUsed
    }
}
