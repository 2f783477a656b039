import Foundation
import LetheRecords
import LetheTensor
import TestSupport
import Testing

@testable import LetheForgetting

/// scripts/check-gpu sets the variable, so that a device that is there but not usable fails there.
private let hasDevice =
    ProcessInfo.processInfo.environment["LETHE_NEEDS_CUDA"] != nil || Device.cuda(0).isAvailable

@Suite(
    "A CUDA device gives what the CPU gives, within tolerance",
    .enabled(if: hasDevice, "there is no CUDA device here, or LibTorch has no CUDA"))
struct DeviceAgreementTests {
    private let engine = ForgettingEngine()

    /// The values of a file, in its order.
    private func values(_ url: URL) throws -> [Float] {
        let file = try Safetensors.open(url)
        return try file.header.entries.flatMap { try file.tensor(named: $0.name).floats() }
    }

    private func difference(_ left: URL, _ right: URL) throws -> Float {
        zip(try values(left), try values(right)).map { abs($0 - $1) }.max() ?? .infinity
    }

    @Test("A low-rank delta after a few steps differs by less than a thousandth")
    func lowRank() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let few: [String: JSONValue] = ["stepCount": 5, "minimumStepCount": 5, "rampSteps": 2]
        let here = try problem.forgetTask(to: "cpu", parameters: few)
        var there = try problem.forgetTask(to: "cuda", parameters: few)
        there.place.device = "cuda"
        _ = try await engine.forget(here) { _ in }
        let outcome = try await engine.forget(there) { _ in }
        #expect(outcome.environment.device == "cuda:0")
        #expect(try difference(here.deltaFile, there.deltaFile) < 1e-3)
    }

    @Test(
        "Whole weights after an epoch differ by less than a thousandth",
        arguments: ["salun", "lur", "l1-sparse", "scrub", "ssd"])
    func weights(method: String) async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let epochs: [String: JSONValue] = method == "ssd" ? [:] : ["epochCount": 1]
        let here = try problem.weightTask(method, to: "cpu", epochs)
        var there = try problem.weightTask(method, to: "cuda", epochs)
        there.place.device = "cuda"
        _ = try await engine.forget(here) { _ in }
        _ = try await engine.forget(there) { _ in }
        #expect(try difference(here.weightsFile, there.weightsFile) < 1e-3)
    }
}
