internal import ArgumentParser
internal import LetheRecords
internal import LetheRegistry

/// What a version is judged by.
struct JudgeOptions: ParsableArguments {
    @Option(help: "The test data. Default: that of the newest request.")
    var dataset: String?

    @Option(help: "The split to measure on.")
    var split = "test"

    @Option(help: "The policy's name, or a policy file. Default: the registry's.")
    var policy: String?

    func order(
        _ revision: String, registry: Registry, place: RunPlace
    ) throws -> JudgeOrder {
        JudgeOrder(
            revision: try Revision(revision), dataset: dataset, split: split,
            policy: try registry.policy(named: policy ?? registry.description.policy),
            place: place)
    }
}
