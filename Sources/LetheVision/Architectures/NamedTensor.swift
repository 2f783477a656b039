public import LetheTensor

/// A parameter of a model under the name that its checkpoint gives it.
///
/// The model's layers and its `parameters` share these objects: a tensor that is put in here is
/// the one that the next forward pass uses.
public final class NamedTensor {
    /// What a tensor of a checkpoint is to the model.
    public enum Role: Sendable, Hashable {
        /// The forward pass uses it, and training changes it.
        case weight
        /// The forward pass uses it; training counts in it (means and variances of batches).
        case statistic
        /// How many batches were counted, int64; only kept up to date.
        case counter
        /// Only kept, such as the mask token of a pre-training task.
        case passenger
    }

    /// The name in the checkpoint.
    public let name: String
    /// The numbers on the model's device: float32, counters int64.
    public var tensor: Tensor
    /// What one number is in the checkpoint; saving converts back to it.
    public let storedType: ElementType
    /// What it is to the model.
    public let role: Role

    /// Names a tensor.
    init(name: String, tensor: Tensor, storedType: ElementType, role: Role) {
        self.name = name
        self.tensor = tensor
        self.storedType = storedType
        self.role = role
    }
}
