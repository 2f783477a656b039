import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("Recipes")
struct RecipeTests {
    private func recipe(_ parameters: JSONValue, method: String = "gs-lora") -> Recipe {
        Recipe(name: "test", method: method, description: "", parameters: parameters)
    }

    @Test("A parameter nobody knows is refused, with the nearest known one")
    func misspelt() throws {
        let error = try #require(throws: LetheError.self) {
            try GSLoRAParameters(recipe(["learnigRate": 0.1]), classCount: 10)
        }
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains("learnigRate"))
        #expect(error.remedy == "Did you mean \"learningRate\"?")
    }

    @Test(
        "Values that make no sense are refused by name",
        arguments: [
            ("rank", JSONValue.number(0)), ("rank", 2.5), ("stepCount", "many"),
            ("selection", "worst"), ("flips", 1), ("learningRate", -1),
        ])
    func nonsense(name: String, value: JSONValue) throws {
        let error = try #require(throws: LetheError.self) {
            try GSLoRAParameters(recipe(.object([name: value])), classCount: 10)
        }
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains("\"\(name)\""))
    }

    @Test("A recipe for another method is refused")
    func otherMethod() throws {
        let error = try #require(throws: LetheError.self) {
            try TrainParameters(recipe([:]))
        }
        #expect(error.message.contains("gs-lora"))
    }

    @Test("The resolved parameters are complete: reading them again gives the same run")
    func resolvedIsComplete() throws {
        let first = try GSLoRAParameters(recipe(["rank": 4]), classCount: 62)
        #expect(first.resolved["rank"] == 4)
        #expect(first.losses.forgetBound == 1.2 * log(62))
        // The bound does not depend on the class count any more: it was written down.
        let second = try GSLoRAParameters(recipe(first.resolved), classCount: 1000)
        #expect(second.resolved == first.resolved)
        #expect(second.losses.forgetBound == first.losses.forgetBound)
        let train = try TrainParameters(recipe([:], method: "train"))
        #expect(
            try TrainParameters(recipe(train.resolved, method: "train")).resolved == train.resolved)
    }

    @Test("Every recipe that a registry starts from is read by its method")
    func shippedRecipes() throws {
        let folder = Locations.package.appending(path: "registry/recipes")
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil
        ).filter { $0.pathExtension == "json" }
        #expect(!files.isEmpty)
        for file in files {
            let recipe = try Recipe.read(handwritten: [UInt8](Data(contentsOf: file)))
            #expect("\(recipe.name).json" == file.lastPathComponent)
            switch recipe.method {
            case GSLoRAParameters.method: _ = try GSLoRAParameters(recipe, classCount: 10)
            case S3TParameters.method: _ = try S3TParameters(recipe)
            case TrainParameters.method: _ = try TrainParameters(recipe)
            default: _ = try WeightRecipe(recipe)
            }
        }
    }

    @Test("The edit distance counts insertions, deletions and replacements")
    func editDistance() {
        #expect(Spelling.distance("kitten", "sitting") == 3)
        #expect(Spelling.distance("", "abc") == 3)
        #expect(Spelling.nearest(to: "zzz", among: ["rank", "flips"]) == nil)
    }
}
