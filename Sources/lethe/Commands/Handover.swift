internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import LetheCommandLine
internal import LetheRecords

/// `lethe --remote URL …`: becomes `lethe-remote`, which has an HTTP client linked into it.
struct Handover: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lethe --remote", helpNames: [])

    private static let option = "--remote"

    /// These look at another registry from here.
    private static let own: [any ParsableCommand.Type] = [Audit.self, Fsck.self]

    /// Whether the command shall be done by a server.
    static var isAsked: Bool {
        let first = CommandLine.arguments.dropFirst().first
        if own.contains(where: { $0.configuration.commandName == first }) { return false }
        return CommandLine.arguments.dropFirst().contains {
            $0 == option || $0.hasPrefix("\(option)=")
        }
    }

    @Argument(parsing: .captureForPassthrough, help: .hidden)
    var words: [String] = []

    func run() throws {
        var rest = words
        let index = rest.firstIndex { $0 == Self.option || $0.hasPrefix("\(Self.option)=") }
        guard let index else { return }
        let word = rest.remove(at: index)
        let address: String
        if word == Self.option {
            guard index < rest.count else {
                throw LetheError(
                    code: .invalidArgument, message: "--remote names no server.",
                    remedy: "Write lethe --remote https://models.example and the command.")
            }
            address = rest.remove(at: index)
        } else {
            address = String(word.dropFirst(Self.option.count + 1))
        }
        _ = unsafe setenv("LETHE_REMOTE", address, 1)
        try Replacement.become("lethe-remote", rest)
    }
}
