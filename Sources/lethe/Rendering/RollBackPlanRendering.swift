internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

/// What an exact deletion would leave of a sharded model, in words and as JSON.
struct RollBackPlanRendering {
    let plan: RollBackPlan

    private var lostSizeBytes: Int { plan.lostStages.reduce(0) { $0 + $1.file.sizeBytes } }

    var text: String {
        let lost = plan.lostStages.count
        let lines = [
            "Nothing was changed. This is what would be done to \(plan.version.name):", "",
            "forget   \(plan.request.coverage)",
            "method   s3t: earlier stages are served, which never saw these samples",
            "time     nothing is trained and no image is measured; one version is written",
            "storage  no new weights; \(lost) of \(plan.after.stages.count) stages "
                + "(\(Numbers.size(lostSizeBytes))) would never be served again",
            "slices   \(plan.lostSlices.count) given up, with all their samples; "
                + "what is served has learnt \(plan.after.contributingSliceCount) slices, now "
                + "\(plan.before.contributingSliceCount)",
            "", shards, "", alarms, "", RadiusRendering.text(plan.radius),
        ]
        return lines.joined(separator: "\n")
    }

    private var shards: String {
        var table = Table(
            ["shard", "slices served now", "then", "living sequences now", "then"],
            numbers: [0, 1, 2, 3, 4])
        for shard in plan.after.livingSequenceCounts.indices {
            table.add(
                "\(shard)", "\(Self.sliceCount(shard, plan.before))",
                "\(Self.sliceCount(shard, plan.after))",
                "\(plan.before.livingSequenceCounts[shard])",
                "\(plan.after.livingSequenceCounts[shard])")
        }
        return table.text
    }

    /// How many slices a shard serves.
    private static func sliceCount(_ shard: Int, _ state: ShardState) -> Int {
        let served = state.served.first { $0.shard == shard }
        return served.flatMap { state.stage($0.file) }?.record.slices.count ?? 0
    }

    private var alarms: String {
        guard !plan.after.alarms.isEmpty else { return "No shard would run short of sequences." }
        return plan.after.alarms.map { "Alarm: \($0)." }.joined(separator: "\n")
            + "\nlethe s3t replenish \(plan.version.manifest.model) trains replacements."
    }

    func json() throws -> JSONValue {
        .object([
            "version": .string(plan.version.name), "method": .string("s3t"),
            "requests": .array([try plan.request.json()]),
            "lostSlices": .number(Double(plan.lostSlices.count)),
            "lostStages": .number(Double(plan.lostStages.count)),
            "lostSizeBytes": .number(Double(lostSizeBytes)),
            "shards": .array(
                plan.after.livingSequenceCounts.indices.map { shard in
                    .object([
                        "shard": .number(Double(shard)),
                        "before": Self.json(shard, plan.before),
                        "after": Self.json(shard, plan.after),
                    ])
                }),
            "alarms": .array(plan.after.alarms.map(JSONValue.string)),
            "reach": RadiusRendering.json(plan.radius),
        ])
    }

    private static func json(_ shard: Int, _ state: ShardState) -> JSONValue {
        .object([
            "servedSlices": .number(Double(sliceCount(shard, state))),
            "livingSequences": .number(Double(state.livingSequenceCounts[shard])),
        ])
    }
}
