import LetheRecords
import LetheTensor
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("The terms on features (methods.md sections 5.3 and 11)")
struct FeatureTermTests {
    private func divergence(_ features: [Float], _ prototypes: [Float]) throws -> Double {
        Double(
            try GSLoRALosses.prototypeDivergence(
                features: Tensor(features, shape: [1, 3]),
                prototypes: Tensor(prototypes, shape: [1, 3])
            ).scalar())
    }

    @Test("An embedding equal to its prototype, or shifted as a whole, diverges by 0")
    func equal() throws {
        #expect(try divergence([1, -2, 3], [1, -2, 3]) == 0)
        #expect(abs(try divergence([6, 3, 8], [1, -2, 3])) < 1e-6)
    }

    @Test("The divergence is not symmetric: the prototype is the reference (numpy's numbers)")
    func notSymmetric() throws {
        // Logarithms of (.7, .2, .1) and (.2, .2, .6).
        let wide: [Float] = [-0.356_674_94, -1.609_437_9, -2.302_585_1]
        let other: [Float] = [-1.609_437_9, -1.609_437_9, -0.510_825_62]
        #expect(abs(try divergence(other, wide) - 0.697_758_1) < 1e-5)
        #expect(abs(try divergence(wide, other) - 0.824_503_1) < 1e-5)
    }

    @Test("Prototypes are means by label, and a class without samples has none")
    func prototypes() throws {
        let features = try Tensor([1, 2, 3, 4, 5, 9], shape: [3, 2])
        let prototypes = try ClassPrototypes(features: features, labels: [2, 0, 2], classCount: 4)
        #expect(prototypes.classes == [0, 2])
        #expect(try prototypes.means.floats() == [3, 4, 0, 0, 3, 5.5, 0, 0])
        #expect(try prototypes.divergence(of: [0], from: [1, 3]) == 0)
        #expect(try prototypes.divergence(of: [0], from: [1, 2]) > 0)
    }

    @Test("The pull is the squared distance of directions: 0 for the same, 2 at a right angle")
    func pull() throws {
        let features = try Tensor([3, 0, 0, 5], shape: [2, 2])
        let targets = try Tensor([1, 0, 2, 0], shape: [2, 2])
        let value = try GSLoRALosses.featurePull(features: features, targets: targets)
        #expect(abs(try value.scalar() - 1) < 1e-6)
    }

    @Test("A bound of zero is measured, a given one is taken")
    func bound() throws {
        let features = try Tensor([1, 2, 3, 4, 5, 9], shape: [3, 2])
        let prototypes = try ClassPrototypes(features: features, labels: [0, 1, 2], classCount: 3)
        let roles = ClassRoles(forgotten: [0], earlier: [], retained: [1, 2])
        for (given, expected) in [
            (18.0, 18.0), (0, try prototypes.divergence(of: [0], from: [1, 2])),
        ] {
            let recipe = Recipe(
                name: "test", method: "gs-lora", description: "",
                parameters: ["prototypeForgetWeight": 1, "prototypeBound": .number(given)])
            let weights = try GSLoRAParameters(recipe, classCount: 3).features
            #expect(weights.isUsed)
            #expect(
                try FeatureTerms(weights, prototypes: prototypes, roles: roles).bound == expected)
        }
    }
}
