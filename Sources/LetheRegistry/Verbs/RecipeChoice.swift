internal import Foundation
public import LetheRecords
internal import LetheStorage

/// Which recipe honours a request, and who says so.
public struct RecipeChoice: Sendable, Equatable {
    /// The recipe's name.
    public let recipe: String
    /// Why, in a clause for a person.
    public let reason: String

    /// Names a choice.
    public init(recipe: String, reason: String) {
        self.recipe = recipe
        self.reason = reason
    }
}

extension Registry {
    /// The recipe for a request that names none: the first rule of the policy that fits the kind of
    /// request and the model's architecture; without such a rule GS-LoRA for classes.
    ///
    /// - Throws: `invalidArgument` for a request by samples where the policy has no rule.
    public func chooseRecipe(
        for kind: RecipeRule.Kind, model: String, policy: Policy
    ) throws(LetheError) -> RecipeChoice {
        let version = try resolve(Revision(model), fallback: "latest")
        let architecture = try architecture(of: version)
        if let recipe = policy.recipe(for: kind, architecture: architecture) {
            return RecipeChoice(
                recipe: recipe,
                reason: "the policy \(policy.name) says so of requests by \(kind.rawValue) to a "
                    + (architecture.isEmpty ? "model" : architecture))
        }
        guard kind == .classes else {
            throw LetheError(
                code: .invalidArgument,
                message: "The policy \(policy.name) names no recipe for requests by samples.",
                remedy: "Name one with --recipe, for example salun.")
        }
        return RecipeChoice(
            recipe: "gs-lora", reason: "the policy \(policy.name) has no rule for this request")
    }

    private func architecture(of version: Version) throws(LetheError) -> String {
        let file = version.manifest.files.first { $0.path == VersionTree.configurationName }
        guard let file else { return "" }
        let configuration = try StrictJSON.parse(
            storage.objects.read(
                file.stored, limitBytes: VersionTree.configurationLimitBytes))
        return configuration["architectures"]?.arrayValue?.first?.stringValue
            ?? configuration["architecture"]?.stringValue ?? ""
    }
}
