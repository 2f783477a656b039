internal import ArgumentParser
internal import LetheCommandLine
internal import LetheRecords

@main
struct Main {
    static func main() async {
        if Handover.isAsked { await Program.run(Handover.self) }
        await Program.run(Lethe.self)
    }
}

/// The root of the commands.
struct Lethe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lethe",
        abstract: "A model registry that can forget.",
        discussion: """
            Exit codes: 0 done, 1 failed, 2 usage, 3 a gate did not hold, 4 integrity broken, \
            5 refused (revoked, uncertified, untrusted key), 6 conflict, 130 interrupted. \
            lethe --remote URL … has a server do it (docs/guides/api.md).
            """,
        version: letheVersion,
        subcommands: [
            Init.self, Publish.self, Dataset.self, Train.self, Forget.self, Verify.self,
            Certify.self, Twins.self, S3T.self, Pull.self, Export.self, Log.self, Show.self,
            Trace.self,
            Audit.self,
            Aliases.self,
            Proof.self, Fsck.self, GC.self, Reindex.self, Push.self, Fetch.self, Clone.self,
            Remote.self, Exchange.self,
            Revoke.self, Purge.self, KeepYardstick.self, Prune.self, Notices.self, Requests.self,
            Trust.self, Keys.self, ModelSig.self, Prove.self, Replay.self, Serve.self, Token.self,
            Bench.self,
        ])
}
