internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// The secret part of a plan: which sample stands behind each commitment of its public part.
///
/// Whoever has it can kill a shard with as few requests as it has sequences, so it lies beside the
/// keys, outside the registry, and never travels.
struct PrivateShardPlan: Record {
    static let schemaName = "lethe.s3t-private-plan.v1"
    var schema = schemaName
    /// The digest of the public part.
    var plan: Digest
    /// For each slice of each shard, the samples' positions, in the order of the commitments.
    var indices: [[[Int]]]
    /// Their labels, in the same order.
    var labels: [[[Int]]]

    /// Room for ten million samples.
    private static let limitBytes = 256 << 20

    /// The file of a plan's secret part.
    static func url(of plan: Digest, in keys: KeyFolder) -> URL {
        keys.url.appending(path: "s3t/\(plan.hex).json")
    }

    /// Reads the secret part of a plan.
    ///
    /// - Throws: `notFound` if it is not beside these keys, `integrity` if it is another plan's.
    static func read(
        for plan: ShardPlanRecord, _ digest: Digest, keys: KeyFolder, files: StoreFiles
    ) throws(LetheError) -> PrivateShardPlan {
        let url = url(of: digest, in: keys)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw LetheError(
                code: .notFound,
                message: "The secret part of the plan is not beside the keys: \(url.path).",
                remedy: "Copy it from where the model was trained, or from your backup of the keys."
            )
        }
        let found = try read(canonical: files.readFile(url, limitBytes: limitBytes))
        let counts = plan.shards.map { $0.slices.map(\.count) }
        guard found.plan == digest, found.indices.map({ $0.map(\.count) }) == counts,
            found.labels.map({ $0.map(\.count) }) == counts
        else {
            throw LetheError(
                code: .integrity, message: "\(url.path) is the secret part of another plan.",
                remedy: "Restore it from your backup of the keys.")
        }
        return found
    }

    /// Keeps the secret part, readable by its owner only.
    func write(beside keys: KeyFolder) throws(LetheError) {
        let url = Self.url(of: plan, in: keys)
        let bytes = try canonicalBytes()
        let folder = url.deletingLastPathComponent()
        try? FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let isMade = FileManager.default.createFile(
            atPath: url.path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        guard isMade else {
            throw LetheError(
                code: .io, message: "\(url.path) cannot be written.",
                remedy: "See that the folder of the keys may be written to.")
        }
    }

    /// The positions of the samples of some slices of a shard, slice after slice, ascending in each.
    func samples(of slices: [Int], inShard shard: Int) -> [Int] {
        slices.flatMap { indices[shard][$0].sorted() }
    }

    /// Every sample with its commitment, by position.
    func samples(
        in plan: ShardPlanRecord
    ) -> [(index: Int, label: Int, commitment: Digest)] {
        var all: [(index: Int, label: Int, commitment: Digest)] = []
        for (number, shard) in plan.shards.enumerated() {
            for (slice, commitments) in shard.slices.enumerated() {
                let labels = labels[number][slice]
                for (place, index) in indices[number][slice].enumerated() {
                    all.append((index, labels[place], commitments[place]))
                }
            }
        }
        return all.sorted { $0.index < $1.index }
    }
}

extension ShardLayout {
    /// The two parts of a plan: what everybody may know, and what nobody may.
    func parts(
        dataset: DatasetReference, commitmentKey: String
    ) throws(LetheError) -> (plan: ShardPlanRecord, secret: PrivateShardPlan) {
        let ordered = slices.map { shard in
            shard.map { slice in
                slice.sorted { ($0.commitment, $0.index) < ($1.commitment, $1.index) }
            }
        }
        let plan = ShardPlanRecord(
            dataset: dataset, split: split, commitmentKey: commitmentKey,
            sequenceMinimum: sequenceMinimum,
            shards: zip(ordered, sequences).map { slices, sequences in
                PlannedShard(
                    slices: slices.map { $0.map(\.commitment) }, sequences: sequences)
            })
        let secret = PrivateShardPlan(
            plan: try plan.digest(),
            indices: ordered.map { shard in shard.map { slice in slice.map(\.index) } },
            labels: ordered.map { shard in shard.map { slice in slice.map(\.label) } })
        return (plan, secret)
    }
}
