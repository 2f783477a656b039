internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry

struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish a model folder as the next version of a model.",
        discussion: """
            With --each, every folder in a folder becomes the next version of the model of its name, \
            all at once; folders that have not changed are left alone.
            """)

    @Argument(help: "The model's name: a-z, 0-9, dot, dash and underscore.")
    var model: String?

    @Argument(
        help:
            "A folder with config.json, preprocessor_config.json and model.safetensors (or its shards), or with a PEFT adapter.",
        completion: .directory)
    var folder: String?

    @Option(
        help: "Publish every folder in this folder, as the model of its name.",
        completion: .directory)
    var each: String?

    @Option(
        help:
            "The version that an adapter belongs to, for example faces@v1; otherwise the one that its configuration names, if it is here."
    )
    var base: String?

    @Flag(
        help:
            "The folder is an OCI image layout with the model's files as raw layers, as lethe export, ModelPack's tools and oras write them."
    )
    var fromOci = false

    @Option(help: "Which of the layout's manifests; the only one unless given.")
    var tag: String?

    @Flag(help: "Read every file again, also those that have not changed by their times.")
    var full = false

    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func validate() throws {
        let isComplete = each == nil ? folder != nil : model == nil
        guard isComplete else {
            throw ValidationError("Name a model and its folder, or --each and a folder of folders.")
        }
        guard each == nil || !fromOci, fromOci || tag == nil else {
            throw ValidationError("--from-oci goes with a model and a folder, and --tag with it.")
        }
    }

    func run() async throws {
        let registry = try registryOptions.open()
        if let each { return try await publish(each: each, in: registry) }
        guard let model, let folder else { return }
        if fromOci { return try await publish(layout: folder, as: model, in: registry) }
        let version = try await registry.publish(
            URL(fileURLWithPath: folder), as: model, base: base.map { try Revision($0) },
            engine: ForgettingEngine(), keys: keyOptions.open(for: registry),
            now: Timestamp(Date()), rereading: full, progress: registryOptions.progress())
        try registryOptions.output.write(version)
    }

    private func publish(
        layout folder: String, as model: String, in registry: Registry
    ) async throws {
        let version = try await registry.publish(
            layout: URL(fileURLWithPath: folder), tag: tag, as: model,
            base: base.map { try Revision($0) }, engine: ForgettingEngine(),
            keys: keyOptions.open(for: registry), now: Timestamp(Date()),
            progress: registryOptions.progress())
        try registryOptions.output.write(version)
    }

    private func publish(each folder: String, in registry: Registry) async throws {
        let models = try await registry.publishEach(
            in: URL(fileURLWithPath: folder), base: base.map { try Revision($0) },
            engine: ForgettingEngine(), keys: keyOptions.open(for: registry),
            now: Timestamp(Date()), rereading: full, progress: registryOptions.progress())
        try registryOptions.output.write(models)
    }
}
