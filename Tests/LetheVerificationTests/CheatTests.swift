import Foundation
import LetheRecords
import LetheVerification
import TestSupport
import Testing

/// Cheats before the judge; the first version, the reference and the honest model are made once.
@Suite("The judge against cheats", .serialized)
struct CheatTests {
    private static let ground = Task {
        let folder = try TemporaryFolder()
        let ground = try await ProvingGround(
            in: folder.url, seed: 7, threads: 1, policy: ProvingGround.shortPolicy)
        return (folder, ground)
    }

    private func outcome(_ contender: Contender) async throws -> ProvingGround.Outcome {
        try await Self.ground.value.1.judge(contender)
    }

    @Test("An honestly retrained model passes everything, and reaches tier 2, seed 7")
    func honest() async throws {
        let outcome = try await outcome(.retrained)
        #expect(outcome.isAsExpected, "\(outcome.accuracyFailures) \(outcome.probeFailures)")
        #expect(outcome.report?.tier == 2)
        #expect(outcome.report?.passed == true)
    }

    @Test(
        "Every cheat is caught in the tier that is there for it, seed 7",
        arguments: Contender.allCases.filter { $0.expectation != .passes })
    func caught(_ contender: Contender) async throws {
        let outcome = try await outcome(contender)
        #expect(
            outcome.isAsExpected,
            "\(contender): \(outcome.accuracyFailures) \(outcome.probeFailures)")
    }

    @Test("Each probe catches the cheat that it was made for, seed 7")
    func ownProbe() async throws {
        let pairs: [(Contender, String)] = [
            (.headOnly, "head-refit-recovery"), (.rowsLowered, "head-refit-recovery"),
            (.rowsLowered, "prototype-recovery"), (.fourBits, "rounding-recovery"),
            (.dormant, "relearning-recovery"), (.dormant, "dormant-recovery"),
            (.pushedDown, "relearning-curve-recovery"),
            (.pushedAndLowered, "relearning-curve-recovery"),
        ]
        for (contender, gate) in pairs {
            let outcome = try await outcome(contender)
            #expect(
                outcome.probeFailures.contains { $0.hasPrefix(gate) },
                "\(contender) \(gate): \(outcome.probeFailures)")
        }
    }
}
