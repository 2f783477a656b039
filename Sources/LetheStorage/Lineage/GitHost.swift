internal import Foundation
public import LetheRecords

/// A repository of git anywhere: a path, ssh, https; whatever git itself pushes to and fetches from,
/// with the user's own configuration, keys and credential helpers.
///
/// It decides one thing: which of two that move a line at once was first. Nothing else is believed.
public struct GitHost: Sendable, Hashable {
    /// The address as git gets it.
    public let address: String

    /// So many lines move in one call.
    private static let linesPerCall = 200

    /// Takes a path, `file://`, `ssh://`, `https://`, `http://`, `git://` or `user@host:path`.
    ///
    /// - Throws: `invalidArgument` for what git would take for an option or a program to run;
    ///   `refused` for an address with a password or a token in it, which would be shown.
    public init(_ text: String) throws(LetheError) {
        let isSafe =
            !text.isEmpty && !text.hasPrefix("-") && !text.contains("::")
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        guard isSafe else { throw Self.unknown(text) }
        if text.contains("://") {
            guard let parts = URLComponents(string: text), let scheme = parts.scheme,
                ["file", "ssh", "https", "http", "git"].contains(scheme)
            else { throw Self.unknown(text) }
            guard parts.password == nil, parts.user == nil || scheme == "ssh" else {
                throw LetheError(
                    code: .refused, message: "An address may not have a password in it.",
                    remedy: "git's credential helpers know passwords and tokens.")
            }
            address = text
            return
        }
        let beforeSlash = text.prefix { $0 != "/" }
        // host:path is ssh's; everything else is a path, which must mean the same in every folder.
        address = beforeSlash.contains(":") ? text : URL(fileURLWithPath: text).path
    }

    /// Its lines; what has no name of Lethe's is left out.
    ///
    /// - Throws: `io` if it cannot be reached.
    public func lines() throws(LetheError) -> [ReferenceName: CommitID] {
        let answer = try run(["ls-remote", "--refs", "--", address], input: nil)
        guard answer.status == 0 else { throw unreachable(answer.errors) }
        var found: [ReferenceName: CommitID] = [:]
        for line in answer.output.split(separator: "\n") {
            let halves = line.split(separator: "\t")
            guard halves.count == 2, let commit = CommitID(String(halves[0])),
                let name = ReferenceName(String(halves[1])), !name.isTag
            else { continue }
            found[name] = commit
        }
        return found
    }

    /// Copies lines into a shadow, which gets their references, too.
    ///
    /// git takes apart and checks what comes; nothing of it is run.
    ///
    /// - Throws: `io` if it cannot be reached or sends something that git refuses.
    public func copy(
        _ lines: some Collection<ReferenceName>, into shadow: RegistryLayout
    ) throws(LetheError) {
        if lines.isEmpty { return }
        let list = lines.map { "+\($0):\($0)\n" }.joined()
        let answer = try run(
            [
                "--git-dir", shadow.lineage.path, "-c", "fetch.fsckObjects=true", "-c",
                "gc.auto=0", "-c", "core.hooksPath=/dev/null", "fetch", "--quiet", "--no-tags",
                "--no-write-fetch-head", "--stdin", "--", address,
            ], input: list)
        guard answer.status == 0 else { throw unreachable(answer.errors) }
    }

    /// Moves lines forward, each on its own; git there looks whether it is still where it was.
    ///
    /// - Returns: what went wrong with those that did not move: `conflict` if somebody else was
    ///   first, `refused` if the host does not want it.
    /// - Throws: `io` if it cannot be reached.
    public func move(
        _ lines: [(name: ReferenceName, commit: CommitID)], from lineage: Lineage
    ) throws(LetheError) -> [ReferenceName: LetheError] {
        var failures: [ReferenceName: LetheError] = [:]
        for start in stride(from: 0, to: lines.count, by: Self.linesPerCall) {
            let some = lines[start..<min(start + Self.linesPerCall, lines.count)]
            let answer = try run(
                [
                    "--git-dir", lineage.url.path, "-c", "core.hooksPath=/dev/null", "push",
                    "--porcelain", "--no-verify", "--no-follow-tags", "--", address,
                ] + some.map { "\($0.commit.hex):\($0.name)" }, input: nil)
            let outcomes = Self.outcomes(answer.output)
            for line in some {
                guard let outcome = outcomes[line.name.description] else {
                    throw unreachable(answer.errors)
                }
                if outcome.flag == "!" { failures[line.name] = rejected(line.name, outcome.words) }
            }
        }
        return failures
    }

    /// Lines `<flag> TAB <from>:<to> TAB <words>` (git-push(1), "OUTPUT").
    private static func outcomes(_ text: String) -> [String: (flag: Character, words: String)] {
        var found: [String: (flag: Character, words: String)] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard parts.count >= 3, parts[0].count == 1, let flag = parts[0].first,
                let name = parts[1].split(separator: ":").last
            else { continue }
            found[String(name)] = (flag, String(parts[2]))
        }
        return found
    }

    private func rejected(_ name: ReferenceName, _ words: String) -> LetheError {
        let late = [
            "fetch first", "non-fast-forward", "stale info", "lock ref", "failed to update ref",
            "incorrect old value", "already exists", "needs force",
        ]
        guard late.contains(where: words.contains) else {
            return LetheError(
                code: .refused,
                message: "\(address) does not take \(name.name): \(words.prefix(200)).",
                remedy: "Ask its operator; nothing was moved.")
        }
        return LetheError(
            code: .conflict, message: "Somebody else moved \(name.name) in \(address) first.",
            remedy: "Nothing was moved, and what was sent stays. Fetch, do the work again on top, "
                + "and push.")
    }

    private func unreachable(_ errors: String) -> LetheError {
        let words = errors.split(whereSeparator: \.isNewline).joined(separator: " ")
        return LetheError(
            code: .io, message: "git cannot use \(address): \(words.prefix(400))",
            remedy: "Try git ls-remote \(address); what has arrived stays.")
    }

    private func run(
        _ arguments: [String], input: String?
    ) throws(LetheError) -> (status: Int32, output: String, errors: String) {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "lethe-git-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let output = folder.appending(path: "output")
        let list = folder.appending(path: "input")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
            try Data().write(to: output)
            try Data((input ?? "").utf8).write(to: list)
        } catch {
            throw LetheError(
                code: .io, message: "\(folder.path) cannot be made.",
                remedy: "See that the disk has room.", cause: error)
        }
        let answer = try GitProgram.run(
            arguments, environment: Self.environment, input: list, output: output,
            scratch: folder.appending(path: "errors"))
        let text = (try? Data(contentsOf: output)).map { String(decoding: $0, as: UTF8.self) }
        return (answer.status, text ?? "", answer.errors)
    }

    /// The user's, so that keys and helpers are found, but no other repository than those named.
    private static var environment: [String: String] {
        let others: Set<String> = [
            "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_COMMON_DIR",
        ]
        // A trace of git's may have tokens in it, and what git says is shown.
        let all = ProcessInfo.processInfo.environment.filter {
            !others.contains($0.key) && !$0.key.hasPrefix("GIT_TRACE")
                && $0.key != "GIT_CURL_VERBOSE"
        }
        return all.merging([
            "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
            "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
        ]) { $1 }
    }

    private static func unknown(_ text: String) -> LetheError {
        LetheError(
            code: .invalidArgument,
            message: "\"\(text.prefix(200))\" is no address of a git repository.",
            remedy: "Write a path, https://host/path or ssh://host/path.")
    }
}
