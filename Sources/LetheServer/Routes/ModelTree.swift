internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry

/// `/api/models/<name>/tree/<revision>[/<folder>]`: the files of a version, and git's and git-lfs'
/// names for their bytes.
struct ModelTree: Route {
    static let name = "tree"
    let model: HubModel
    let revision: String
    let folder: String

    init?(_ path: RequestPath) {
        guard path.components.starts(with: ["api", "models"]),
            let found = HubModel.split(path.components.dropFirst(2), before: "tree"),
            let revision = found.rest.first
        else { return nil }
        model = found.model
        self.revision = revision
        folder = found.rest.dropFirst().joined(separator: "/")
    }

    var need: Need { .read(model: model.name) }

    func answer(_ call: Call) async throws -> Response {
        let release = try model.release(revision, for: call)
        let prefix = folder.isEmpty ? "" : folder + "/"
        let below = release.files.filter { $0.path.hasPrefix(prefix) }
        guard !below.isEmpty else { throw Failure.noFile(folder, in: release.version.name) }
        let isRecursive = ["true", "True", "1"].contains(call.path.query["recursive"] ?? "")
        var entries: [JSONValue] = []
        var folders: Set<String> = []
        for file in below {
            let rest = file.path.dropFirst(prefix.count)
            if isRecursive || !rest.contains("/") {
                entries.append(entry(file))
            } else if let name = rest.split(separator: "/").first,
                folders.insert(String(name)).inserted
            {
                entries.append(self.entry(folder: prefix + name, of: release))
            }
        }
        var response = Response.json(.array(entries))
        response.headers[.repoCommit] = release.version.commitName
        return response
    }

    private func entry(_ file: ReleasedFile) -> JSONValue {
        var members: [String: JSONValue] = [
            "type": "file", "path": .string(file.path), "oid": .string(file.blob),
            "size": .number(Double(file.sizeBytes)),
        ]
        members["lfs"] = file.largeFile
        return .object(members)
    }

    /// A folder is named by the commit: nobody asks git for a folder by its name.
    private func entry(folder: String, of release: Release) -> JSONValue {
        [
            "type": "directory", "path": .string(folder), "size": 0,
            "oid": .string(release.version.commitName),
        ]
    }
}
