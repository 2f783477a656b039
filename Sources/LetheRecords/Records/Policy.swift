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
    /// How far the accuracy on samples that a request names may lie above that on test samples of
    /// the same classes, as measured; nil if the policy has no bar for such requests.
    public var sampleExcessMaximum: Double?
    /// How far it may lie above at the upper bound; nil as `sampleExcessMaximum`.
    public var sampleExcessUpperBoundMaximum: Double?
    /// Which recipe honours which request, the first rule that fits; nil for no opinion.
    public var recipes: [RecipeRule]?
    /// The probes of tier 2; nil for none.
    public var probes: ProbePolicy?
    /// The share of test images that may also be among the training images, in 0...1; nil for none.
    public var testOverlapMaximum: Double?
    /// How many days a revoked version keeps its bytes; nil for `defaultPurgeGraceDays`.
    public var purgeGraceDays: Int?
    /// What holds for requests to erase before anything is run; nil for no rules.
    public var requests: RequestRules?

    /// The grace period where a policy names none: a month, the time in which an erasure request
    /// must be answered (GDPR article 12(3)); until then a mistake can be undone.
    public static let defaultPurgeGraceDays = 30

    /// Makes a policy.
    public init(
        name: String, description: String, errorBudget: Double,
        forgottenMarginAboveChance: Double, forgottenSampleMinimum: Int,
        retainedDropMaximum: Double, retainedDropUpperBoundMaximum: Double,
        worstClassDropMaximum: Double, worstClassSampleMinimum: Int,
        sampleExcessMaximum: Double? = nil, sampleExcessUpperBoundMaximum: Double? = nil,
        recipes: [RecipeRule]? = nil, probes: ProbePolicy? = nil,
        testOverlapMaximum: Double? = nil, purgeGraceDays: Int? = nil,
        requests: RequestRules? = nil
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
        self.sampleExcessMaximum = sampleExcessMaximum
        self.sampleExcessUpperBoundMaximum = sampleExcessUpperBoundMaximum
        self.recipes = recipes
        self.probes = probes
        self.testOverlapMaximum = testOverlapMaximum
        self.purgeGraceDays = purgeGraceDays
        self.requests = requests
    }
}

/// One line of a policy's table of methods.
public struct RecipeRule: Sendable, Equatable, Codable {
    /// What a request names.
    public enum Kind: String, Sendable, Codable {
        /// Whole classes, or identities.
        case classes
        /// Training samples.
        case samples
    }

    /// The kind of request.
    public var request: Kind
    /// The model's architecture, for example `ViTForImageClassification`; nil for any.
    public var architecture: String?
    /// The recipe's name.
    public var recipe: String

    /// Makes a rule.
    public init(request: Kind, architecture: String? = nil, recipe: String) {
        self.request = request
        self.architecture = architecture
        self.recipe = recipe
    }
}

extension Policy {
    /// The recipe of the first rule that fits; nil if none does.
    public func recipe(for request: RecipeRule.Kind, architecture: String) -> String? {
        recipes?.first {
            $0.request == request && ($0.architecture ?? architecture) == architecture
        }?.recipe
    }
}
