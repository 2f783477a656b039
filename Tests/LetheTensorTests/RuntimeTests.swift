import LetheRecords
import TestSupport
import Testing

@testable import LetheTensor

/// What belongs to the whole process: one test at a time.
@Suite("Process-wide state", .serialized)
struct RuntimeTests {
    @Test("The LibTorch that was loaded is the one that was compiled against")
    func versions() throws {
        #expect(LibTorch.compiledVersion.hasPrefix("2."))
        #expect(LibTorch.loadedVersion == LibTorch.compiledVersion)
        try LibTorch.requireMatchingVersion()
    }

    @Test(
        "The version is found in a build summary",
        arguments: [
            ("a=1, TORCH_VERSION=2.13.0, USE_CUDA=0", "2.13.0"),
            ("TORCH_VERSION=1.13.1+cpu", "1.13.1"),
            ("nothing of the kind", ""),
        ])
    func versionText(summary: String, version: String) {
        #expect(LibTorch.version(inConfiguration: summary) == version)
    }

    @Test("The number of threads can be set and read back")
    func threads() throws {
        let before = Threads.count
        try Threads.set(1)
        #expect(Threads.count == 1)
        #expect(errorThrown { try Threads.set(0) }?.code == .invalidArgument)
        #expect(Threads.count == 1)
        try Threads.set(before)
        #expect(Threads.count == before)
    }

    @Test("Deterministic algorithms and matrix precision can be chosen")
    func switches() throws {
        let before = LibTorch.isDeterministic
        try LibTorch.set(deterministic: true)
        #expect(LibTorch.isDeterministic)
        try LibTorch.set(deterministic: before)
        try LibTorch.set(matmulPrecision: .highest)
    }
}
