internal import ArgumentParser
internal import Foundation
internal import LetheRecords

struct Log: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the history of a model, newest first; of every model if none is named.")

    @Argument(help: "The model's name.")
    var model: String?

    @OptionGroup var options: RemoteOptions

    func run() async throws {
        try await options.show((model.map { ["models", $0] } ?? []) + ["log"])
    }
}

struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what is recorded about a version: run, files, requests, certificate.")

    @Argument(help: "model or model@revision; without an @ the newest.")
    var revision: String

    @Option(help: "With @certified or @latest: what it was at that second, as the log has it.")
    var at: String?

    @OptionGroup var options: RemoteOptions

    func run() async throws {
        let (model, selector) = split(revision)
        try await options.show(
            ["models", model, "versions", selector ?? "latest"],
            query: at.map { ["at": $0] } ?? [:])
    }
}

struct Trace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List every version that still contains what a request asked to forget.")

    @Argument(help: "The request's id, as show prints it.")
    var request: String

    @OptionGroup var options: RemoteOptions

    func run() async throws { try await options.show(["trace", request]) }
}

struct Aliases: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what latest and certified of a model pointed at, and since when.")

    @Argument(help: "The model's name.")
    var model: String

    @OptionGroup var options: RemoteOptions

    func run() async throws { try await options.show(["models", model, "aliases"]) }
}

struct Requests: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List requests to erase, what each waits for, and alarms.",
        subcommands: [RequestList.self], defaultSubcommand: RequestList.self)
}

struct RequestList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List requests, what each waits for, and alarms.")

    @Argument(help: "The model; none for all.")
    var model: String?

    @Flag(help: "Only those that are open, the next due first.")
    var due = false

    @OptionGroup var options: RemoteOptions

    func run() async throws {
        var query: [String: String] = [:]
        query["model"] = model
        if due { query["due"] = "true" }
        try await options.show(["requests"], query: query)
    }
}

extension RemoteOptions {
    /// Writes what a reading verb answers.
    func show(_ path: [String], query: [String: String] = [:]) async throws {
        try await withServer { try await $0.show(path, query: query) }
    }
}

/// The model and what follows the @.
func split(_ revision: String) -> (model: String, selector: String?) {
    let halves = revision.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(halves[0]), halves.count > 1 ? String(halves[1]) : nil)
}
