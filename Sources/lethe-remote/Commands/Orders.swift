internal import ArgumentParser
internal import Foundation
internal import LetheRecords

/// Where the server computes.
struct PlaceOptions: ParsableArguments {
    @Option(help: "cpu or cuda, of the server.")
    var device: String?

    @Option(help: "Threads for the kernels. Results depend on it. Default: all of the server's.")
    var threads: Int?

    func add(to order: inout [String: JSONValue]) {
        order["device"] = device.map(JSONValue.string)
        order["threads"] = threads.map { .number(Double($0)) }
    }
}

/// What a version is judged by; names of things in the registry, no files.
struct JudgeOptions: ParsableArguments {
    @Option(help: "The test data. Default: that of the newest request.")
    var dataset: String?

    @Option(help: "The split to measure on.")
    var split: String?

    @Option(help: "The policy's name. Default: the registry's.")
    var policy: String?

    @Option(help: "1: accuracy. 2: also the probes of the policy tier-2; not with --policy.")
    var tier: Int?

    @Option(help: "A version that never saw the forgotten classes, for the probes: model@version.")
    var reference: String?

    func add(to order: inout [String: JSONValue]) {
        order["dataset"] = dataset.map(JSONValue.string)
        order["split"] = split.map(JSONValue.string)
        order["policy"] = policy.map(JSONValue.string)
        order["tier"] = tier.map { .number(Double($0)) }
        order["reference"] = reference.map(JSONValue.string)
    }
}

struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Honour an erasure request: make a model forget classes or samples.",
        discussion: """
            Ctrl-C leaves the job running at the server; jobs cancel takes it back. Example images \
            and --everywhere are for the registry's machine.
            """)

    @Argument(help: "The model's name.")
    var model: String

    @Option(
        name: .customLong("class"), parsing: .upToNextOption,
        help: "The classes or identities to forget.")
    var classes: [Int] = []

    @Flag(help: "Each class is a request of its own; all are honoured in one run.")
    var separately = false

    @Option(
        help: "A file here that lists the training samples to forget, one a line.",
        completion: .file())
    var samples: String?

    @Option(help: "The dataset that shows what to forget and retain.")
    var dataset: String

    @Option(help: "The recipe's name. Default: what the policy says.")
    var recipe: String?

    @Option(help: "The policy that picks the recipe and plans the gates. Default: the registry's.")
    var policy: String?

    @Flag(help: "Change nothing: say which method, what it would cost, what it would have.")
    var plan = false

    @Option(help: "The seed of everything random.")
    var seed: Int?

    @Option(help: "A reference to the requester's file; not a name.")
    var reference: String?

    @OptionGroup var placeOptions: PlaceOptions
    @OptionGroup var options: RemoteOptions

    func validate() throws {
        guard classes.isEmpty != (samples == nil) else {
            throw ValidationError("Name what to forget by --class or --samples.")
        }
    }

    func run() async throws {
        var order: [String: JSONValue] = ["dataset": .string(dataset)]
        if let samples {
            order["samples"] = .array(try SampleList.read(samples).map(JSONValue.string))
        } else {
            order["classes"] = .array(classes.map { .number(Double($0)) })
        }
        if separately { order["separately"] = true }
        if plan { order["plan"] = true }
        order["recipe"] = recipe.map(JSONValue.string)
        order["policy"] = policy.map(JSONValue.string)
        order["seed"] = seed.map { .number(Double($0)) }
        order["reference"] = reference.map(JSONValue.string)
        placeOptions.add(to: &order)
        try await options.withServer {
            try await options.run("forget", of: model, order, at: $0)
        }
    }
}

/// A list of samples in a file of this machine.
enum SampleList {
    static func read(_ path: String) throws -> [String] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw LetheError(
                code: .notFound, message: "The list of samples \(path) cannot be read.",
                remedy: "Name a text file with one sample a line.")
        }
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }
}

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure what a version still knows.",
        discussion: "A certificate is checked here, by lethe verify --certificate.")

    @Argument(help: "model or model@revision; without an @ the newest.")
    var revision: String

    @OptionGroup var judgeOptions: JudgeOptions
    @OptionGroup var placeOptions: PlaceOptions
    @OptionGroup var options: RemoteOptions

    func run() async throws {
        let (model, selector) = split(revision)
        var order: [String: JSONValue] = [:]
        order["revision"] = selector.map(JSONValue.string)
        judgeOptions.add(to: &order)
        placeOptions.add(to: &order)
        try await options.withServer {
            try await options.run("verify", of: model, order, at: $0)
        }
    }
}

struct Certify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judge the newest version of a model and sign a certificate if every gate holds.")

    @Argument(help: "The model's name.")
    var model: String

    @OptionGroup var judgeOptions: JudgeOptions
    @OptionGroup var placeOptions: PlaceOptions
    @OptionGroup var options: RemoteOptions

    func run() async throws {
        var order: [String: JSONValue] = [:]
        judgeOptions.add(to: &order)
        placeOptions.add(to: &order)
        try await options.withServer {
            try await options.run("certify", of: model, order, at: $0)
        }
    }
}

struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Publish a model folder as the next version of a model.",
        discussion: "Only what the server lacks is sent; after an interruption, only the rest.")

    @Argument(help: "The model's name: a-z, 0-9, dot, dash and underscore.")
    var model: String

    @Argument(help: "A folder as lethe publish takes it.", completion: .directory)
    var folder: String

    @Option(help: "The version that an adapter belongs to, for example faces@v1.")
    var base: String?

    @OptionGroup var options: RemoteOptions

    func run() async throws {
        try await options.withServer { server in
            let client = UploadClient(server: server, isQuiet: options.quiet)
            let upload = try await client.send(URL(fileURLWithPath: folder), as: model)
            var order: [String: JSONValue] = ["upload": .string(upload)]
            order["base"] = base.map(JSONValue.string)
            try await options.run("publish", of: model, order, at: server)
        }
    }
}

extension RemoteOptions {
    /// Has a job done and writes its answer.
    func run(
        _ verb: String, of model: String, _ order: [String: JSONValue], at server: Server
    ) async throws {
        try await JobClient(server: server, isQuiet: quiet).run(verb, of: model, .object(order))
    }
}
