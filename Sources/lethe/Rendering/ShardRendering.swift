internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

/// What is left of a sharded model, in words.
enum ShardRendering {
    static func text(_ state: ShardState) -> String {
        var table = Table(["shard", "living", "serves", "slices"], numbers: [0, 1])
        for (shard, living) in state.livingSequenceCounts.enumerated() {
            let file = state.served.first { $0.shard == shard }?.file
            let record = file.flatMap { state.stage($0)?.record }
            table.add(
                "\(shard)", "\(living)",
                record.map { "sequence \($0.place.sequence), stage \($0.place.stage)" }
                    ?? "nothing",
                record.map { $0.slices.map(String.init).joined(separator: " ") } ?? "")
        }
        let counts =
            "\(state.stages.count) stages, \(state.revoked.count) of them revoked; "
            + "\(state.deletedSlices.count) slices given up, "
            + "\(state.contributingSliceCount) contribute"
        return ([table.text, counts] + state.alarms.map { "ALARM: \($0)" })
            .joined(separator: "\n")
    }
}

extension Output {
    /// Says what a person has to look at; programs find it in the manifest's `shards.alarms`.
    func note(alarmsOf version: Version) {
        for alarm in version.manifest.shards?.alarms ?? [] { note("ALARM: \(alarm).") }
    }
}
