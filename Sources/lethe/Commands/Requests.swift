internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry

struct Requests: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests",
        abstract: "The life of requests to erase, from the letter to the answer.",
        discussion: """
            receive, identify, accept or refuse, plan, run; then lethe certify, lethe purge; \
            settle, notify, close. Each step is signed and logged on a line of its own, \
            refs/requests/<id>; a step out of order is refused. A request is due one calendar \
            month after it came in, three if its time was extended (GDPR article 12(3)).
            """,
        subcommands: [
            RequestList.self, RequestShow.self, RequestReceive.self, RequestIdentify.self,
            RequestAccept.self, RequestRefuse.self, RequestExtend.self, RequestWithdraw.self,
            RequestPlan.self, RequestRun.self, RequestSettle.self, RequestNotify.self,
            RequestClose.self,
        ], defaultSubcommand: RequestList.self)
}

struct RequestList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List requests, what each waits for, and alarms.")

    @Argument(help: "The model; none for all.")
    var model: String?

    @Flag(help: "Only those that are open, the next due first.")
    var due = false

    @OptionGroup var policyOptions: RequestPolicyOptions
    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let registry = try registryOptions.open()
        var files = try registry.caseFiles(of: model)
        if due {
            files = files.filter(\.isOpen).sorted {
                ($0.due, $0.opening.id) < ($1.due, $1.opening.id)
            }
        }
        let alarms = try registry.queueAlarms(policy: policyOptions.open(registry))
        let now = Timestamp(Date())
        let json: JSONValue = .object([
            "requests": .array(try files.map { try CaseRendering.json($0, now: now) }),
            "alarms": .array(alarms.map { .string($0.words) }),
        ])
        let lines = alarms.map(\.words) + [CaseRendering.table(files, now: now)]
        registryOptions.output.write(json, text: lines.joined(separator: "\n\n"))
    }
}

struct RequestShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a request and every step, with what to do next.")

    @Argument(help: "The request's id, c-….")
    var id: String

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let file = try registryOptions.open().caseFile(id)
        let json = try CaseRendering.json(file, now: Timestamp(Date()))
        registryOptions.output.write(
            json, text: CaseRendering.details(file, now: Timestamp(Date())))
    }
}

struct RequestReceive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receive",
        abstract: "Write down that a request to erase came in; its clock runs from there.",
        discussion: "Samples are kept as keyed commitments, never by name.")

    @Argument(help: "The model.")
    var model: String

    @Option(help: "The dataset that shows what is to be forgotten.")
    var dataset: String

    @Option(
        name: .customLong("class"), parsing: .upToNextOption,
        help: "The classes or identities to forget.")
    var classes: [Int] = []

    @Option(
        help: ArgumentHelp(
            "A file that lists the training samples to forget, one a line.",
            discussion: "A path below the dataset's folder, train/<index> or train:<index>."),
        completion: .file())
    var samples: String?

    @Option(help: "The number of the requester's file; no name, no address. Kept for ever.")
    var reference: String

    @Option(
        help: ArgumentHelp(
            "The right that is claimed (GDPR article 17(1)), or other.",
            discussion: LegalBasis.allCases.map(\.rawValue).joined(separator: ", ") + "."),
        transform: Self.basis)
    var basis: LegalBasis

    @Option(help: "When it came in, such as 2026-11-22T10:00:00Z. Default: now.")
    var received: Moment?

    @OptionGroup var policyOptions: RequestPolicyOptions
    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    private static func basis(_ text: String) throws -> LegalBasis {
        if let basis = LegalBasis(rawValue: text) { return basis }
        let names = LegalBasis.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--basis is one of \(names).")
    }

    func run() async throws {
        let registry = try registryOptions.open()
        let now = Timestamp(Date())
        var order = CaseOrder(
            model: model, dataset: dataset, classes: classes, basis: basis, requester: reference,
            received: received?.time ?? now)
        if let samples { order.samples = try SampleFile.read(URL(fileURLWithPath: samples)) }
        let file = try await registry.receive(
            order, engine: ForgettingEngine(), keys: keyOptions.open(for: registry), now: now,
            progress: registryOptions.progress())
        try CaseRendering.write(file, to: registryOptions.output, now: now)
        for alarm in try registry.queueAlarms(policy: policyOptions.open(registry)) {
            registryOptions.output.note(alarm.words)
        }
    }
}

/// Which policy's rules for requests hold.
struct RequestPolicyOptions: ParsableArguments {
    @Option(help: "The policy whose rules for requests hold. Default: the registry's.")
    var policy: String?

    func open(_ registry: Registry) throws -> Policy {
        try registry.policy(named: policy ?? registry.description.policy)
    }
}
