internal import ArgumentParser
internal import Foundation
internal import LetheRecords

/// Where to compute.
struct PlaceOptions: ParsableArguments {
    @Option(help: "cpu, cuda or cuda:<number>.")
    var device = "cpu"

    @Option(help: "Threads for the kernels. Results depend on it. Default: all cores.")
    var threads: Int?

    var place: RunPlace {
        RunPlace(
            device: device, threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
    }

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads must be at least 1.") }
    }
}
