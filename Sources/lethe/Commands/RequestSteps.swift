internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

/// Which request, where, and who signs.
struct RequestStepOptions: ParsableArguments {
    @Argument(help: "The request's id, c-….")
    var id: String

    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    /// Does a step and says where the request stands.
    func take(_ step: (Registry, KeyFolder, Timestamp) throws -> CaseFile) throws {
        let registry = try registryOptions.open()
        let now = Timestamp(Date())
        let file = try step(registry, keyOptions.open(for: registry), now)
        try CaseRendering.write(file, to: registryOptions.output, now: now)
    }
}

/// Why, as it is kept for ever.
struct ReasonOptions: ParsableArguments {
    @Option(help: "Why, in one sentence without anybody's name; it is kept for ever.")
    var reason: String
}

struct RequestIdentify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identify", abstract: "Say that the requester is who they say.")

    @OptionGroup var options: RequestStepOptions

    func run() async throws {
        try options.take { try $0.identify(options.id, keys: $1, now: $2) }
    }
}

struct RequestAccept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Say that a request will be honoured.",
        discussion: """
            Where the policy's requests.approvalMinimum is 2 or more, so many operators say so, \
            each with a key of their own that the registry trusts (--keys). The policy's limits \
            per requester and per model are on this step.
            """)

    @OptionGroup var options: RequestStepOptions
    @OptionGroup var policyOptions: RequestPolicyOptions

    func run() async throws {
        try options.take {
            try $0.accept(options.id, policy: policyOptions.open($0), keys: $1, now: $2)
        }
    }
}

struct RequestRefuse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refuse", abstract: "Say that a request will not be honoured, and why.")

    @OptionGroup var options: RequestStepOptions
    @OptionGroup var reasonOptions: ReasonOptions

    func run() async throws {
        try options.take {
            try $0.refuse(options.id, reason: reasonOptions.reason, keys: $1, now: $2)
        }
    }
}

struct RequestExtend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extend",
        abstract: "Take two further months, once and within the first month, and say why.")

    @OptionGroup var options: RequestStepOptions
    @OptionGroup var reasonOptions: ReasonOptions

    func run() async throws {
        try options.take {
            try $0.extend(options.id, reason: reasonOptions.reason, keys: $1, now: $2)
        }
    }
}

struct RequestWithdraw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw",
        abstract: "Take a request back, before a version has honoured it.")

    @OptionGroup var options: RequestStepOptions
    @OptionGroup var reasonOptions: ReasonOptions

    func run() async throws {
        try options.take {
            try $0.withdraw(options.id, reason: reasonOptions.reason, keys: $1, now: $2)
        }
    }
}

struct RequestNotify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify",
        abstract: "Say that whoever received a model that knew the data was told.",
        discussion: "lethe notices lists who pulled one; the record keeps their number only.")

    @OptionGroup var options: RequestStepOptions

    @Option(help: "How many recipients were told besides those whom the registry knows.")
    var others = 0

    func run() async throws {
        try options.take {
            try $0.notify(options.id, others: others, keys: $1, now: $2)
        }
    }
}

struct RequestClose: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Say that the requester was answered.")

    @OptionGroup var options: RequestStepOptions

    func run() async throws {
        try options.take { try $0.close(options.id, keys: $1, now: $2) }
    }
}
