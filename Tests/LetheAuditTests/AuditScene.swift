import Foundation
import LetheAudit
import LetheCertificates
import LetheRecords
import LetheRegistry
import LetheReports
import LetheStorage
import TestSupport

/// The tiny judge's counts, with every figure as the real judge computes it.
struct CountingJudge: Judge {
    func judge(
        _ task: JudgeTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> JudgeReport {
        let counted = try await FakeJudge().judge(task, progress: progress)
        return try ReportBuilder(
            weights: counted.weights, original: task.original, dataset: task.datasetReference,
            split: task.split, requests: task.requests, policy: task.policy,
            sequenceNumber: task.sequenceNumber
        ).report(
            ClassCounts(
                classes: counted.classes, lostCount: counted.retained.lostCount,
                gainedCount: counted.retained.gainedCount),
            environment: counted.environment)
    }
}

/// A tiny registry with two certified requests, and what an outsider has of it.
struct AuditScene {
    let tiny: TinyRegistry

    /// Publishes, forgets two classes one after the other, certifies each, revokes and purges.
    init() async throws {
        tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        for label in [1, 2] {
            try await tiny.forget([label], in: registry)
            try await certify(in: registry)
        }
        try await tiny.keepYardstick(in: registry)
        try tiny.purge(in: registry)
        try await tiny.identifiedRequest(in: registry)
        try tiny.acceptRequest(in: registry)
        _ = try registry.settle(keys: tiny.keys(), now: TinyRegistry.now)
    }

    /// Certifies the newest version by a policy that five test images of a class can meet.
    func certify(in registry: Registry) async throws {
        let policy = Policy(
            name: "lenient", description: "For five images.", errorBudget: 0.05,
            forgottenMarginAboveChance: 0.7, forgottenSampleMinimum: 1, retainedDropMaximum: 0.02,
            retainedDropUpperBoundMaximum: 1, worstClassDropMaximum: 0.1,
            worstClassSampleMinimum: 1)
        let order = JudgeOrder(
            revision: try Revision(TinyRegistry.model), dataset: TinyRegistry.dataset,
            policy: policy, place: TinyRegistry.place)
        try Data(policy.canonicalBytes()).write(to: policyFile)
        let outcome = try await registry.certify(
            order, judge: CountingJudge(), keys: tiny.keys(), now: TinyRegistry.now,
            progress: { _ in })
        guard outcome.certified != nil else {
            throw LetheError(
                code: .gateFailed, message: "\(outcome.report.gates.filter { !$0.held })")
        }
    }

    var policyFile: URL { tiny.outside.appending(path: "lenient.json") }
    var keys: URL { tiny.root.appending(path: "keys/allowed_signers") }

    func source(
        _ folder: URL? = nil, trusted: URL? = nil, log: URL? = nil
    ) throws -> AuditSource {
        try AuditSource(
            folder: folder ?? tiny.root, log: log, trusted: trusted, policies: [policyFile])
    }

    func audit(_ folder: URL? = nil, against saved: [UInt8]? = nil) throws -> Dossier {
        try LineageAudit(source(folder), against: saved).run()
    }

    /// A clone as `git clone --mirror` makes it: no objects, no log, no index.
    func mirror() throws -> URL {
        let target = tiny.folder("mirror.git")
        let made = try Program.run(
            "git", ["clone", "--quiet", "--mirror", "registry/lineage.git", target.path],
            in: tiny.root.deletingLastPathComponent())
        guard made.status == 0 else {
            throw LetheError(code: .io, message: made.errors)
        }
        return target
    }

    /// Writes a commit on top of the model's line with plain git, as somebody without Lethe would.
    func rewrite(
        _ path: String, to bytes: [UInt8], sign: Bool = true
    ) throws {
        let lineage = tiny.root.appending(path: "lineage.git")
        let file = tiny.folder("changed-\(UUID().uuidString)")
        try Data(bytes).write(to: file)
        let key = try tiny.keys().operatorKey
        let storage = try tiny.open().storage
        let tip = try storage.lineage.target(of: .model(TinyRegistry.model))
        guard let tip else { return }
        let parent = try storage.lineage.commit(tip)
        func git(_ arguments: [String], _ environment: [String: String] = [:]) throws -> String {
            let answer = try Program.run("git", arguments, in: lineage, environment: environment)
            guard answer.status == 0 else { throw LetheError(code: .io, message: answer.errors) }
            return answer.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let index = ["GIT_INDEX_FILE": tiny.folder("index-\(UUID().uuidString)").path]
        _ = try git(["read-tree", tip.hex], index)
        let blob = try git(["hash-object", "-w", file.path])
        _ = try git(["update-index", "--add", "--cacheinfo", "100644,\(blob),\(path)"], index)
        let tree = try git(["write-tree"], index)
        let head =
            "tree \(tree)\n" + parent.parents.map { "parent \($0)\n" }.joined()
            + "author A <a@b> 1800000000 +0000\ncommitter A <a@b> 1800000000 +0000\n"
        let unsigned = head + "\nChanged\n"
        let signature = try SSHSignature(signing: Array(unsigned.utf8), with: key).armored
            .trimmingCharacters(in: .newlines)
        let signed =
            head + "gpgsig \(signature.replacing("\n", with: "\n "))\n" + "\nChanged\n"
        let commit = tiny.folder("commit-\(UUID().uuidString)")
        try Data((sign ? signed : unsigned).utf8).write(to: commit)
        let name = try git(["hash-object", "-t", "commit", "-w", commit.path])
        _ = try git(["update-ref", "refs/heads/\(TinyRegistry.model)", name])
    }
}
