import Foundation
import Glibc
import LetheRecords
import LetheRegistry

/// New versions one after the other in one process, as a server makes them: each changes
/// config.json and no weights.
struct Commits {
    let keys: URL
    let model: String
    let folder: URL
    let count: Int

    init(_ arguments: [String]) {
        keys = URL(fileURLWithPath: arguments[1])
        model = arguments[2]
        folder = URL(fileURLWithPath: arguments[3])
        count = Int(arguments[4]) ?? 0
    }

    /// The median and the worst of the commits after the first, and of their processor time.
    func run(_ registry: Registry) async throws -> [String: Double] {
        let keys = try KeyFolder(contentsOf: keys)
        var walls: [Double] = []
        var processor: [Double] = []
        for number in 0...count {
            try Data("{\"number\":\(number),\"at\":\(Date().timeIntervalSince1970)}".utf8)
                .write(to: folder.appending(path: "config.json"))
            let (begun, used) = (ContinuousClock.now, ProcessorTime.now())
            _ = try await registry.publish(
                folder, as: model, engine: NoEngine(), keys: keys, now: Timestamp(Date()),
                progress: { _ in })
            walls.append((ContinuousClock.now - begun) / .seconds(1))
            processor.append(ProcessorTime.now() - used)
        }
        let (later, laterProcessor) = (walls.dropFirst().sorted(), processor.dropFirst().sorted())
        return [
            "first": walls[0], "median": later[later.count / 2], "worst": later[later.count - 1],
            "medianProcessor": laterProcessor[laterProcessor.count / 2],
        ]
    }
}

/// What this process has used of all processors, in seconds (clock(3)).
enum ProcessorTime {
    static func now() -> Double {
        Double(clock()) / Double(CLOCKS_PER_SEC)
    }
}
