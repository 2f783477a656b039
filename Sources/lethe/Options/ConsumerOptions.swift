internal import ArgumentParser
internal import Foundation
internal import LetheRegistry

/// Who takes models, and what it remembers of them.
struct ConsumerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What you call yourself: a service or a team, no person.",
            discussion: "The registry notes who pulled what, if it can be written."))
    var `as`: String?

    @Option(
        help: ArgumentHelp(
            "The folder of your own key and of what you have seen erased.",
            discussion: "Default: $LETHE_CONSUMER, else ~/.config/lethe/consumer."),
        completion: .directory)
    var consumerFolder: String?

    private var folder: URL {
        let environment = ProcessInfo.processInfo.environment
        if let path = consumerFolder ?? environment["LETHE_CONSUMER"] {
            return URL(fileURLWithPath: path)
        }
        let configuration =
            environment["XDG_CONFIG_HOME"].map { URL(fileURLWithPath: $0) }
            ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".config")
        return configuration.appending(path: "lethe/consumer")
    }

    /// What was seen erased before.
    var seen: SeenFile { SeenFile(folder.appending(path: "seen.json")) }

    func consumer() throws -> Consumer? {
        guard let name = self.as else { return nil }
        return try Consumer(name: name, keyFile: folder.appending(path: "consumer.pem"))
    }
}
