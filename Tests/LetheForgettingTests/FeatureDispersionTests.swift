import Foundation
import LetheRecords
import LetheTensor
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("The term that spreads a forgotten class")
struct FeatureDispersionTests {
    private func golden() throws -> SafetensorsFile {
        try Safetensors.open(
            Locations.fixtures.appending(path: "forgetting/feature-dispersion.safetensors"))
    }

    @Test("Value and gradient equal PyTorch's (scripts/golden/feature_dispersion.py)")
    func values() throws {
        let file = try golden()
        let forget = try file.tensor(named: "forget").requiringGradient()
        let term = try FeatureDispersion(retained: file.tensor(named: "scale"))
        let value = try term(
            forget: forget, forgetLabels: file.tensor(named: "labels"),
            retain: file.tensor(named: "retain"), classCount: 5)
        #expect(abs(try value.scalar() - file.tensor(named: "value").floats()[0]) < 1e-6)
        try value.backward()
        let gradient = try #require(forget.gradient)
        let distance = try (gradient - file.tensor(named: "gradient")).absolute().maximum()
        #expect(try distance.scalar() < 1e-6)
    }

    @Test("Without two samples of one class there is nothing to spread")
    func nothing() throws {
        let file = try golden()
        let term = try FeatureDispersion(retained: file.tensor(named: "scale"))
        let value = try term(
            forget: file.tensor(named: "forget"),
            forgetLabels: Tensor([0, 1, 2, 3, 4, 5, 6, 7].map(Int64.init)),
            retain: file.tensor(named: "retain"), classCount: 8)
        #expect(try value.scalar() == 0)
    }
}
