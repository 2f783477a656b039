public import Foundation
public import LetheRecords
public import LetheTensor
import LetheVision

/// What a sharded system answers: the mean of the scores of every shard that still serves something
/// (arXiv:2406.16257, section 3.1).
///
/// The base is loaded once; a shard's head and updates are put into it when the shard is asked. Not
/// `Sendable`: it belongs to the thread or actor that made it.
public final class ShardEnsemble {
    /// What each living shard serves.
    public let served: [StageRecord]
    /// How many classes there are.
    public var classCount: Int { model.base.classCount }

    private let model: StageModel
    private let members: [StageParts]

    /// Loads what a system serves now.
    ///
    /// - Parameters:
    ///   - modelFolder: The base.
    ///   - stageFolder: Where the files of stages are.
    /// - Throws: `notFound` if no shard lives or a file is missing, `integrity` for a base or a file
    ///   that is not on record, `malformed`, `device`.
    public init(
        _ system: ShardedSystem, modelFolder: URL, stageFolder: URL, device: Device = .cpu
    ) throws(LetheError) {
        served = system.plan.shards.indices.compactMap { system.served(by: $0) }
        guard !served.isEmpty else {
            throw LetheError(
                code: .notFound, message: "No shard has a stage left that may be served.",
                remedy: "Train the system anew, with a plan that leaves the deleted samples out.")
        }
        model = try StageModel(
            folder: modelFolder, sliceCount: system.plan.sliceCount, device: device)
        try model.require(system.base)
        let url = { (record: StageRecord) in stageFolder.appending(path: record.place.fileName) }
        var members: [StageParts] = []
        for record in served {
            members.append(try StageFiles.parts(of: record, at: url(record), for: model))
        }
        self.members = members
    }

    /// The mean scores of every class, without a graph.
    ///
    /// - Parameter images: [batch, channels, height, width], preprocessed, on the ensemble's device.
    /// - Returns: [batch, classes].
    /// - Throws: `invalidArgument` for images of a wrong shape or size.
    public func logits(_ images: Tensor) throws(LetheError) -> Tensor {
        try withoutGradient { () throws(LetheError) in
            var sum: Tensor?
            for member in members {
                model.install(member)
                let logits = try model.base.logits(images)
                sum = if let sum { try sum + logits } else { logits }
            }
            guard let sum else { throw LetheError(code: .notFound, message: "No shard lives.") }
            return try sum / Double(members.count)
        }
    }
}
