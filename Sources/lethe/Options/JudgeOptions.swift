internal import ArgumentParser
internal import Foundation
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

    @Option(help: "1: accuracy. 2: also the probes of the policy tier-2; not with --policy.")
    var tier: Int?

    @Option(
        help: """
            A model that never saw the forgotten classes, for the probes: a folder, or \
            model@version.
            """)
    var reference: String?

    func validate() throws {
        if let tier, tier != 1, tier != 2 {
            throw ValidationError("There are the tiers 1 and 2.")
        }
        if tier != nil, policy != nil {
            throw ValidationError("Give --tier or --policy; a policy decides which tier it is.")
        }
    }

    func order(
        _ revision: String, registry: Registry, place: RunPlace
    ) throws -> JudgeOrder {
        JudgeOrder(
            revision: try Revision(revision), dataset: dataset, split: split,
            policy: try registry.policy(named: policyName ?? registry.description.policy),
            place: place, reference: try reference.map(ReferenceModel.init(named:)))
    }

    private var policyName: String? { policy ?? (tier == 2 ? "tier-2" : nil) }
}

extension ReferenceModel {
    /// A folder that is there, else a version.
    init(named name: String) throws {
        let url = URL(fileURLWithPath: name)
        let isFolder = try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory
        self = isFolder == true ? .folder(url) : .version(try Revision(name))
    }
}
