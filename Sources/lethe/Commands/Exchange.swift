internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

/// What runs on the other machine when somebody pushes, fetches or clones over ssh, or through a
/// server.
struct Exchange: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchange",
        abstract: "Talk to another lethe over standard input and output.", shouldDisplay: false)

    enum Direction: String, ExpressibleByArgument, CaseIterable {
        case send
        case receive
    }

    @Argument(help: "Whether this registry sends or receives.")
    var direction: Direction

    @Flag(help: "Do not name folders of this machine to the other side.")
    var hideFolders = false

    @OptionGroup var keyOptions: KeyOptions
    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let channel = FrameChannel(
            input: .standardInput, output: .standardOutput, name: "The other side")
        do throws(LetheError) {
            if hideFolders { channel.words = words() }
            let registry = try registryOptions.open()
            switch direction {
            case .send: try registry.exchangeSending(over: channel, progress: { _ in })
            case .receive:
                try registry.exchangeReceiving(
                    over: channel, keys: keyOptions.open(for: registry), now: Timestamp(Date()))
            }
        } catch {
            // Whoever asked shows it; here nobody looks.
            try? channel.send(error)
            throw ExitCode(error.code.exitCode)
        }
    }
    private func words() -> [String: String] {
        var words = [
            FileManager.default.temporaryDirectory.path: "a folder",
            FileManager.default.homeDirectoryForCurrentUser.path: "~",
        ]
        if let root = registryOptions.registry { words[root] = "the registry" }
        if let keys = keyOptions.keys { words[keys] = "the keys" }
        return words.filter { $0.key.utf8.count > 1 }
    }
}
