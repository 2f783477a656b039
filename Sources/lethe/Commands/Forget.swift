internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry

struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Honour an erasure request: make a model forget classes or samples.",
        discussion: """
            The result is the next version of the model. It is worth nothing until lethe certify \
            says so. After Ctrl-C, the same command goes on where it stopped. With --plan nothing \
            is changed: it says what the request would cost and whether it could be certified. A \
            model that was trained with the method s3t deletes without training: it serves \
            earlier stages.
            """)

    @Argument(help: "The model's name.")
    var model: String

    @OptionGroup var requestOptions: RequestOptions

    @Option(help: "The dataset that shows what to forget and retain; not with --everywhere.")
    var dataset: String?

    @Option(help: "The recipe's name, or a recipe file. Default: what the policy says.")
    var recipe: String?

    @Option(help: "The policy that picks the recipe and plans the gates. Default: the registry's.")
    var policy: String?

    @Flag(help: "Change nothing: say which method, what it would cost, what it would have.")
    var plan = false

    @Option(help: "The seed of everything random.")
    var seed = 1

    @Option(help: "A reference to the requester's file; not a name.")
    var reference: String?

    @OptionGroup var placeOptions: PlaceOptions
    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func validate() throws {
        guard (dataset == nil) == (requestOptions.everywhere != nil) else {
            throw ValidationError("Name the data with --dataset; --everywhere knows it.")
        }
    }

    func run() async throws {
        let registry = try registryOptions.open()
        let keys = try keyOptions.open(for: registry)
        let policy = try registry.policy(named: policy ?? registry.description.policy)
        if let id = requestOptions.everywhere {
            let spreading = ForgetEverywhere(
                request: id, recipe: recipe, seed: seed, isPlan: plan, policy: policy,
                place: placeOptions.place, options: registryOptions)
            return try await spreading.run(registry, keys)
        }
        let choice = try choice(registry, policy)
        let order = try await order(registry, keys, recipe: choice.recipe)
        if plan, try registry.isSharded(model) { return try await show(order, registry, keys) }
        if plan { return try await show(order, choice, policy, registry, keys) }
        let version = try await registry.forget(
            order, engine: ForgettingEngine(), keys: keys, now: Timestamp(Date()),
            progress: registryOptions.progress())
        try registryOptions.output.write(version)
        registryOptions.output.note(alarmsOf: version)
        if version.manifest.run?.goalReached == false {
            registryOptions.output.note(
                "The recipe's goal was not reached on the validation samples; "
                    + "lethe certify will probably refuse this version.")
        }
        registryOptions.output.note("Next: lethe certify \(model)")
    }

    private func choice(_ registry: Registry, _ policy: Policy) throws -> RecipeChoice {
        guard let recipe else {
            return try registry.chooseRecipe(
                for: requestOptions.kind, model: model, policy: policy)
        }
        return RecipeChoice(recipe: recipe, reason: "the command names it")
    }

    private func order(
        _ registry: Registry, _ keys: KeyFolder, recipe: String
    ) async throws -> ForgetOrder {
        var order = ForgetOrder(
            model: model, classes: requestOptions.classes, dataset: dataset ?? "",
            recipe: try registry.recipe(named: recipe), seed: seed, place: placeOptions.place,
            reference: reference, isSeparate: requestOptions.separately)
        if let list = requestOptions.samples {
            order.samples = try SampleFile.read(URL(fileURLWithPath: list))
        }
        guard let images = requestOptions.images else { return order }
        let listing = try await registry.findExamples(
            ExampleOrder(
                model: model, dataset: dataset ?? "", folder: URL(fileURLWithPath: images),
                nearestCount: requestOptions.nearest, place: placeOptions.place),
            engine: ForgettingEngine(), keys: keys, progress: registryOptions.progress())
        if !plan {
            try ExampleRendering.confirm(
                listing, requestOptions, output: registryOptions.output)
        }
        switch requestOptions.target {
        case .class: order.classes = listing.classes
        case .samples: order.samples = listing.names
        }
        return order
    }

    private func show(
        _ order: ForgetOrder, _ choice: RecipeChoice, _ policy: Policy, _ registry: Registry,
        _ keys: KeyFolder
    ) async throws {
        let plan = try await registry.plan(
            order, engine: ForgettingEngine(), keys: keys, now: Timestamp(Date()),
            progress: registryOptions.progress())
        let rendering = PlanRendering(plan: plan, reason: choice.reason, policy: policy)
        let json = registryOptions.json ? try rendering.json() : .null
        registryOptions.output.write(json, text: rendering.text)
    }

    private func show(
        _ order: ForgetOrder, _ registry: Registry, _ keys: KeyFolder
    ) async throws {
        let plan = try await registry.planRollBack(
            order, engine: ForgettingEngine(), keys: keys, now: Timestamp(Date()),
            progress: registryOptions.progress())
        let rendering = RollBackPlanRendering(plan: plan)
        let json = registryOptions.json ? try rendering.json() : .null
        registryOptions.output.write(json, text: rendering.text)
    }
}
