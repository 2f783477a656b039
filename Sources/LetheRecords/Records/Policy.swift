/// The bar that a version must pass to be certified; a file of `registry/policies/`.
///
/// All thresholds are fractions in 0...1. Statistics: docs/FORMAT.md, "The gates".
public struct Policy: Record {
    /// The schema's name.
    public static let schemaName = "lethe.policy.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The policy's name: its file name without `.json`.
    public var name: String
    /// What the policy is for, in a sentence.
    public var description: String
    /// The chance, over the whole line, that any bound of any certificate is wrong.
    public var errorBudget: Double
    /// How far above chance the upper bound of a forgotten request's accuracy may lie.
    public var forgottenMarginAboveChance: Double
    /// How many test samples of a request there must be.
    public var forgottenSampleMinimum: Int
    /// How far retained accuracy may have fallen from the line's first version, as measured.
    public var retainedDropMaximum: Double
    /// How far it may have fallen at the upper bound of the paired drop.
    public var retainedDropUpperBoundMaximum: Double
    /// How far the accuracy of any one retained class may have fallen, as measured.
    public var worstClassDropMaximum: Double
    /// Classes with fewer test samples are reported but not gated by `worstClassDropMaximum`.
    public var worstClassSampleMinimum: Int
    /// How many days a revoked version keeps its bytes; nil for `defaultPurgeGraceDays`.
    public var purgeGraceDays: Int?

    /// The grace period where a policy names none: a month, the time in which an erasure request
    /// must be answered (GDPR article 12(3)); until then a mistake can be undone.
    public static let defaultPurgeGraceDays = 30

    /// Makes a policy.
    public init(
        name: String, description: String, errorBudget: Double,
        forgottenMarginAboveChance: Double, forgottenSampleMinimum: Int,
        retainedDropMaximum: Double, retainedDropUpperBoundMaximum: Double,
        worstClassDropMaximum: Double, worstClassSampleMinimum: Int, purgeGraceDays: Int? = nil
    ) {
        self.name = name
        self.description = description
        self.errorBudget = errorBudget
        self.forgottenMarginAboveChance = forgottenMarginAboveChance
        self.forgottenSampleMinimum = forgottenSampleMinimum
        self.retainedDropMaximum = retainedDropMaximum
        self.retainedDropUpperBoundMaximum = retainedDropUpperBoundMaximum
        self.worstClassDropMaximum = worstClassDropMaximum
        self.worstClassSampleMinimum = worstClassSampleMinimum
        self.purgeGraceDays = purgeGraceDays
    }
}
