internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry

/// `/api/models/<name>` and `/api/models/<name>/revision/<revision>`: which commit that is, and
/// which files it has.
struct ModelInfo: Route {
    static let name = "model"
    let model: HubModel
    let revision: String

    init?(_ path: RequestPath) {
        guard path.components.starts(with: ["api", "models"]) else { return nil }
        let rest = path.components.dropFirst(2)
        if let found = HubModel.split(rest, before: "revision"), found.rest.count == 1 {
            (model, revision) = (found.model, found.rest[0])
        } else if let whole = HubModel(rest) {
            (model, revision) = (whole, "main")
        } else {
            return nil
        }
    }

    var need: Need { .read(model: model.name) }

    func answer(_ call: Call) async throws -> Response {
        let release = try model.release(revision, for: call)
        let manifest = release.version.manifest
        let isDetailed = ["true", "True", "1"].contains(call.path.query["blobs"] ?? "")
        var response = Response.json([
            "_id": .string(release.version.commitName), "id": .string(model.shown),
            "modelId": .string(model.shown), "sha": .string(release.version.commitName),
            "author": .string(HubModel.owner), "private": .bool(!call.settings.isPublic),
            "gated": false, "disabled": false, "downloads": 0, "likes": 0,
            "tags": .array(release.isCertified ? ["certified"] : []),
            "createdAt": .string(manifest.created.description),
            "lastModified": .string(manifest.created.description),
            "siblings": .array(release.files.map { sibling($0, isDetailed: isDetailed) }),
            "lethe": [
                "version": .string(release.version.name), "certified": .bool(release.isCertified),
                "requests": .array(manifest.requests.map(JSONValue.string)),
            ],
        ])
        response.headers[.repoCommit] = release.version.commitName
        return response
    }

    private func sibling(_ file: ReleasedFile, isDetailed: Bool) -> JSONValue {
        var members: [String: JSONValue] = ["rfilename": .string(file.path)]
        if isDetailed {
            members["size"] = .number(Double(file.sizeBytes))
            members["blobId"] = .string(file.blob)
            members["lfs"] = file.pointerSizeBytes.map {
                [
                    "sha256": .string(file.digest.hex), "size": .number(Double(file.sizeBytes)),
                    "pointerSize": .number(Double($0)),
                ]
            }
        }
        return .object(members)
    }
}
