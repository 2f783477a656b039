internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry
internal import LetheStorage

/// A version in words, and as JSON.
enum VersionRendering {
    static func json(_ version: Version) throws -> JSONValue {
        .object([
            "version": .string(version.name), "commit": .string(version.commit.hex),
            "manifestDigest": .string(version.manifestDigest.description),
            "manifest": try version.manifest.json(),
        ])
    }

    static func line(_ version: Version) -> String {
        "\(version.name)  \(version.manifest.operation.rawValue)  commit "
            + version.commit.hex.prefix(12)
    }

    static func details(_ details: VersionDetails) -> String {
        let manifest = details.version.manifest
        var lines = [
            line(details.version)
                + (details.state == .current ? "" : "  \(details.state.rawValue)"),
            "made     \(manifest.created)",
            "manifest \(details.version.manifestDigest)",
        ]
        if let run = manifest.run {
            lines.append(
                "run      \(run.method) by recipe \(run.recipe), seed \(run.seed), "
                    + "\(run.stepCount) steps on \(run.environment.device) with "
                    + "\(run.environment.threads) threads, LibTorch \(run.environment.libTorch)")
            lines.append("selected \(run.selection)")
            if !run.goalReached { lines.append("         the recipe's goal was NOT reached") }
        }
        if let delta = manifest.delta {
            lines.append(
                "delta    \(delta.file.digest) (\(Numbers.size(delta.file.sizeBytes))) on base "
                    + delta.base.description)
        }
        if let shards = manifest.shards { lines += ["", ShardRendering.text(shards)] }
        if let base = manifest.base {
            lines.append(
                "base     \(base.model), weights \(base.weights), manifest \(base.version)")
        }
        var files = Table(["file", "size", "sha-256"], numbers: [1])
        for file in manifest.files {
            files.add(file.path, Numbers.size(file.sizeBytes), file.digest.hex)
        }
        lines += ["", files.text]
        if !details.requests.isEmpty { lines += ["", requests(details.requests)] }
        if let verdict = details.verdict {
            if verdict.exact != nil { lines += ["", exactness] }
            lines += [
                "",
                "certified \(verdict.issued), tier \(verdict.tier); not tested: "
                    + verdict.notTested.joined(separator: ", "),
                "", ReportRendering.text(verdict.report),
            ]
        }
        return lines.joined(separator: "\n")
    }

    /// What a certificate with a proof of clean ancestry says.
    static let exactness =
        "EXACT: nothing that is served was trained on a slice that holds a deleted sample."

    private static func requests(_ requests: [ForgetRequest]) -> String {
        var table = Table(["request", "received", "classes", "samples"], numbers: [3])
        for request in requests {
            table.add(
                request.id, request.received.description,
                request.samples == nil
                    ? request.classes.map(String.init).joined(separator: ",") : "by samples",
                "\(request.sampleCount)")
        }
        return table.text
    }
}

extension Output {
    /// Writes what became of many folders: the new versions for a person, all for a program.
    func write(_ models: [PublishedModel]) throws {
        var json: [JSONValue] = []
        if asJSON {
            for model in models {
                let version = try VersionRendering.json(model.version)
                json.append(.object(["published": .bool(model.isNew), "version": version]))
            }
        }
        let new = models.filter(\.isNew)
        let lines =
            new.map { VersionRendering.line($0.version) }
            + ["\(new.count) published, \(models.count - new.count) had not changed"]
        write(.array(json), text: lines.joined(separator: "\n"))
    }

    /// Writes a version: one line for a person, everything for a program.
    func write(_ version: Version) throws {
        let json = asJSON ? try VersionRendering.json(version) : .null
        write(json, text: VersionRendering.line(version))
    }
}
