internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords

struct Jobs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What the server is doing for those who have your scopes.",
        subcommands: [JobList.self, JobWait.self, JobCancel.self],
        defaultSubcommand: JobList.self)
}

struct JobList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List jobs, the oldest first.")

    @OptionGroup var options: RemoteOptions

    func run() async throws {
        let answer = try await options.withServer { server in
            try await server.ask(server.request("GET", ["jobs"]))
        }
        let jobs = answer.json["jobs"]?.arrayValue ?? []
        let lines = jobs.map { job in
            ["id", "verb", "model", "state", "created"].map { job[$0]?.stringValue ?? "" }
                .joined(separator: "  ")
        }
        Output(asJSON: options.json).write(
            answer.json, text: lines.isEmpty ? "There is no job." : lines.joined(separator: "\n"))
    }
}

struct JobWait: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Wait until a job is over and write what it answered.")

    @Argument(help: "The job's id.")
    var id: String

    @OptionGroup var options: RemoteOptions

    func run() async throws {
        try await options.withServer { server in
            let client = JobClient(server: server, isQuiet: options.quiet)
            try await client.wait(for: id)
            try await client.answer(of: id)
        }
    }
}

struct JobCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Take a job back; what it has finished is kept.")

    @Argument(help: "The job's id.")
    var id: String

    @OptionGroup var options: RemoteOptions

    func run() async throws {
        let answer = try await options.withServer { server in
            try await server.ask(server.request("DELETE", ["jobs", id]))
        }
        let state = answer.json["state"]?.stringValue ?? ""
        Output(asJSON: options.json).write(answer.json, text: "The job \(id) is \(state).")
    }
}
