internal import Foundation
internal import LetheRecords

/// Runs the step benchmark in processes of its own: Lethe's, then PyTorch's.
struct StepComparison {
    let steps: Int
    let batch: Int
    let threads: Int
    let python: String?

    struct Side {
        let medianSeconds: Double
        let peakMemoryBytes: Double

        var text: String {
            String(format: "%.1f ms, peak ", medianSeconds * 1000)
                + Numbers.size(Int(peakMemoryBytes))
        }
    }

    struct Round {
        let lethe: Side
        let torch: Side?

        var text: String {
            guard let torch else { return "lethe \(lethe.text)" }
            return "lethe \(lethe.text); torch \(torch.text); ratio "
                + String(format: "%.3f", lethe.medianSeconds / torch.medianSeconds)
        }
    }

    private static let peerScript = "scripts/golden/forgetting_step_benchmark.py"

    private var peerArguments: [String] {
        [
            "-P", Self.peerScript, "--steps", "\(steps)", "--batch", "\(batch)", "--threads",
            "\(threads)",
        ]
    }

    var peerCommand: String { ([python ?? ""] + peerArguments).joined(separator: " ") }

    func round() throws -> Round {
        let executable = Bundle.main.executableURL?.path ?? "lethe"
        let own = try Self.run(
            executable,
            [
                "bench", "step", "--once", "--steps", "\(steps)", "--batch", "\(batch)",
                "--threads", "\(threads)",
            ])
        let times = own["stepSeconds"]?.arrayValue?.compactMap(\.numberValue) ?? []
        let lethe = Side(
            medianSeconds: Self.median(times),
            peakMemoryBytes: own["peakMemoryBytes"]?.numberValue ?? 0)
        guard let python else { return Round(lethe: lethe, torch: nil) }
        let peer = try Self.run(python, peerArguments)
        let torch = Side(
            medianSeconds: peer["medianSeconds"]?.numberValue ?? 0,
            peakMemoryBytes: peer["peakMemoryBytes"]?.numberValue ?? 0)
        return Round(lethe: lethe, torch: torch)
    }

    static func summary(_ rounds: [Round]) -> String {
        let own = rounds.map(\.lethe)
        var text = "lethe: median \(Side(rounds: own).text)"
        let peer = rounds.compactMap(\.torch)
        if !peer.isEmpty {
            let ratios = zip(own, peer).map { $0.medianSeconds / $1.medianSeconds }
            text +=
                "\ntorch: median \(Side(rounds: peer).text)\nratio: median "
                + String(format: "%.3f (1 or less: no slower)", median(ratios))
        }
        return text
    }

    func json(_ rounds: [Round]) -> JSONValue {
        func side(_ side: Side) -> JSONValue {
            .object([
                "medianSeconds": .number(side.medianSeconds),
                "peakMemoryBytes": .number(side.peakMemoryBytes),
            ])
        }
        return .object([
            "bench": "step", "date": .string(Timestamp(Date()).description),
            "machine": .string(Machine.description), "threads": .number(Double(threads)),
            "batch": .number(Double(batch)), "steps": .number(Double(steps)),
            "lethe": .array(rounds.map { side($0.lethe) }),
            "torch": .array(rounds.compactMap { $0.torch.map(side) }),
        ])
    }

    private static func run(_ executable: String, _ arguments: [String]) throws -> JSONValue {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw LetheError(
                code: .invalidArgument, message: "\(executable) did not finish its round.",
                remedy: "Run it alone to see why: \(arguments.joined(separator: " ")).")
        }
        return try StrictJSON.parse(bytes)
    }

    fileprivate static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}

extension StepComparison.Side {
    fileprivate init(rounds: [Self]) {
        medianSeconds = StepComparison.median(rounds.map(\.medianSeconds))
        peakMemoryBytes = rounds.map(\.peakMemoryBytes).max() ?? 0
    }
}
