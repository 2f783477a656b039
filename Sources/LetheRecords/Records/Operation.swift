/// What was done to make a version (architecture section 4).
public enum Operation: String, Sendable, Codable, CaseIterable {
    /// A model came in from outside.
    case publish
    /// A model was trained or fine-tuned here.
    case finetune
    /// Classes or samples were forgotten.
    case forget
    /// Samples were deleted by serving earlier stages that never saw them; nothing was trained.
    case rollback
    /// A version was judged and found good; its files are its parent's.
    case certify

    /// Whether a version made by it honours the newest request of its line.
    public var honoursRequest: Bool { self == .forget || self == .rollback }
}
