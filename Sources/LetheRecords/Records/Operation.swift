/// What was done to make a version (architecture section 4).
public enum Operation: String, Sendable, Codable, CaseIterable {
    /// A model came in from outside.
    case publish
    /// A model was trained or fine-tuned here.
    case finetune
    /// Classes or samples were forgotten.
    case forget
    /// A version was judged and found good; its files are its parent's.
    case certify
}
