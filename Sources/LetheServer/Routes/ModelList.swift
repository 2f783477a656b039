internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry

/// `/api/models`: the models that the client may read and that have a certified version.
struct ModelList: Route {
    static let name = "models"

    init?(_ path: RequestPath) {
        guard path.components == ["api", "models"] else { return nil }
    }

    var need: Need { .read(model: nil) }

    func answer(_ call: Call) async throws -> Response {
        let names = try call.registry.models().filter(call.mayRead)
        let found = names.compactMap { name -> JSONValue? in
            guard let model = HubModel([name]), let version = try? model.version("main", for: call)
            else { return nil }
            return [
                "_id": .string(version.commitName), "id": .string(name), "modelId": .string(name),
                "sha": .string(version.commitName), "private": .bool(!call.settings.isPublic),
                "tags": ["certified"], "downloads": 0, "likes": 0,
                "createdAt": .string(version.manifest.created.description),
            ]
        }
        return .json(.array(found))
    }
}
