public import Foundation
public import LetheRecords

/// Lineages between machines travel as git's own packs, made and read by git itself: libgit2 is not
/// given a pack of others before git has taken it apart. Nothing in a pack is run.
extension Lineage {
    /// The longest pack that is taken.
    private static let packLimitBytes = 8 << 30

    /// Writes a pack of what commits reach, apart from what commits that the receiver has reach.
    ///
    /// - Throws: `integrity` if something that is reached is missing or damaged; `unsupported` if
    ///   there is no git on this machine.
    public func writePack(
        of tips: [CommitID], without known: [CommitID], to pack: URL
    ) throws(LetheError) {
        var here: [CommitID] = []
        for id in known where try using({ (git) throws(LetheError) in try git.exists(id) }) {
            here.append(id)
        }
        let text = (tips.map(\.hex) + here.map { "^\($0.hex)" }).joined(separator: "\n") + "\n"
        let list = pack.appendingPathExtension("list")
        defer { try? FileManager.default.removeItem(at: list) }
        try Self.write(text, to: list)
        try Self.write("", to: pack)
        try runGit(
            ["pack-objects", "--revs", "--stdout", "--quiet", "--delta-base-offset"],
            input: list, output: pack)
    }

    /// Takes the objects of a pack; no reference points at them yet.
    ///
    /// - Throws: `malformed` if git does not take it.
    public func takePack(_ pack: URL) throws(LetheError) {
        do throws(LetheError) {
            try runGit(
                ["index-pack", "--stdin", "--max-input-size=\(Self.packLimitBytes)"], input: pack,
                output: nil)
        } catch {
            throw LetheError(
                code: .malformed, message: "git does not take the pack that came.",
                remedy: "Run the command again; if that does not help, run lethe fsck there.",
                cause: error)
        }
    }

    /// Runs git on this lineage.
    private func runGit(
        _ arguments: [String], input: URL, output: URL?
    ) throws(LetheError) {
        let answer = try GitProgram.run(
            ["--git-dir", url.path] + arguments, environment: Self.gitEnvironment, input: input,
            output: output, scratch: input.appendingPathExtension("errors"))
        guard answer.status == 0 else {
            throw LetheError(
                code: .integrity, message: "git says: \(answer.errors.prefix(400))",
                remedy: "Run lethe fsck.")
        }
    }

    /// What the user has configured for git plays no part.
    private static var gitEnvironment: [String: String] {
        [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C",
        ]
    }

    /// Makes the lineage of a folder that only stands for another registry: an empty one that also
    /// finds what `lender` has, with these references.
    ///
    /// - Throws: `io`, `diskFull`.
    public static func createShadow(
        _ layout: RegistryLayout, lender: Lineage?, references: [(ReferenceName, CommitID)]
    ) throws(LetheError) {
        try create(layout)
        if let lender {
            // git makes the folder itself.
            let path = "objects/info/alternates"
            try write("\(lender.url.path)/objects\n", to: layout.lineage.appending(path: path))
        }
        let lines = references.sorted { $0.0 < $1.0 }.map { "\($1.hex) \($0)\n" }
        try write(
            "# pack-refs with: peeled fully-peeled sorted \n" + lines.joined(),
            to: layout.lineage.appending(path: "packed-refs"))
    }

    private static func write(_ text: String, to url: URL) throws(LetheError) {
        do {
            try Data(text.utf8).write(to: url)
        } catch {
            throw LetheError(
                code: .io, message: "\(url.path) cannot be written.",
                remedy: "See that the disk has room.", cause: error)
        }
    }
}
