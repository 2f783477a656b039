internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry

struct RequestPlan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Look up what honouring requests would reach, and write that down.",
        discussion: "What the run itself would cost, lethe forget --plan says.")

    @Argument(help: "The requests' ids; what they reach together is shown.")
    var ids: [String]

    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let radius = try registry.planRequests(
            ids, keys: keyOptions.open(for: registry), now: Timestamp(Date()))
        registryOptions.output.write(
            RadiusRendering.json(radius), text: RadiusRendering.text(radius))
    }
}

struct RequestRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Honour accepted requests in one run.",
        discussion: """
            All must be about one model and one dataset, and all by class or all by samples. \
            Each stays a request of its own. After Ctrl-C, the same command goes on where it \
            stopped. Then lethe certify the model and lethe requests settle.
            """)

    @Argument(help: "The requests' ids.")
    var ids: [String]

    @Option(help: "The recipe's name, or a recipe file. Default: what the policy says.")
    var recipe: String?

    @Option(help: "The seed of everything random.")
    var seed = 1

    @OptionGroup var policyOptions: RequestPolicyOptions
    @OptionGroup var placeOptions: PlaceOptions
    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let keys = try keyOptions.open(for: registry)
        let recipe = try recipe ?? chosenRecipe(registry)
        let order = try registry.order(
            for: ids, recipe: registry.recipe(named: recipe), seed: seed,
            place: placeOptions.place)
        let version = try await registry.runRequests(
            ids, order: order, engine: ForgettingEngine(), keys: keys, now: Timestamp(Date()),
            progress: registryOptions.progress())
        try registryOptions.output.write(version)
        registryOptions.output.note(
            "Next: lethe certify \(order.model), then lethe requests settle")
    }

    private func chosenRecipe(_ registry: Registry) throws -> String {
        guard let id = ids.first else { throw ValidationError("Name a request.") }
        let opening = try registry.caseFile(id).opening
        return try registry.chooseRecipe(
            for: opening.samples == nil ? .classes : .samples, model: opening.model,
            policy: policyOptions.open(registry)
        ).recipe
    }
}

struct RequestSettle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle",
        abstract: "Write down what the lineage proves about open requests.",
        discussion: """
            That a version has honoured a request, that a certificate says so, and that nothing \
            else that the registry knows of has the data any more. What stands in the way is \
            said for each request.
            """)

    @Argument(help: "The requests' ids; none for all open ones.")
    var ids: [String] = []

    @Option(
        name: .customLong("despite"),
        help: "Why what remains exposed may remain; it is kept with the request.")
    var remainder: String?

    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let settlement = try registry.settle(
            ids, remainder: remainder, keys: keyOptions.open(for: registry),
            now: Timestamp(Date()))
        registryOptions.output.write(
            CaseRendering.json(settlement), text: CaseRendering.text(settlement))
    }
}
