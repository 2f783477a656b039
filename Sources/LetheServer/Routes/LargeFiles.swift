internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry

/// `/<name>.git/info/lfs/objects/batch`: where git-lfs finds the bytes behind pointers (git-lfs
/// `docs/api/batch.md`; basic transfer, downloads only).
struct LargeFiles: Route {
    static let name = "lfs-batch"
    static let methods: Set<HTTPRequest.Method> = [.post]
    private static let limitCount = 1000
    let model: HubModel

    init?(_ path: RequestPath) {
        guard path.components.suffix(4) == ["info", "lfs", "objects", "batch"],
            let model = HubModel(git: path.components.dropLast(4))
        else { return nil }
        self.model = model
    }

    var need: Need { .read(model: model.name) }

    func answer(_ call: Call) async throws -> Response {
        guard try call.registry.hasModel(model.name) else { throw Failure.noModel(model.shown) }
        guard let wanted = try? StrictJSON.parse(await call.body()),
            let operation = wanted["operation"]?.stringValue,
            let objects = wanted["objects"]?.arrayValue, objects.count <= Self.limitCount
        else {
            throw Failure(
                status: .unprocessableContent,
                message: "A batch has an operation and at most \(Self.limitCount) objects.")
        }
        guard operation == "download" else {
            throw Failure(
                status: .forbidden, message: "Nothing is pushed here: publish with lethe publish.")
        }
        let base =
            call.settings.url
            ?? "\(call.settings.scheme)://\(call.request.head.authority ?? "localhost")"
        let answers = try objects.map { try answer($0, base: base, call) }
        var response = Response.json(.object(["transfer": "basic", "objects": .array(answers)]))
        response.headers[.contentType] = "application/vnd.git-lfs+json"
        return response
    }

    private func answer(_ object: JSONValue, base: String, _ call: Call) throws -> JSONValue {
        let name = object["oid"]?.stringValue ?? ""
        var members: [String: JSONValue] = [
            "oid": .string(name), "size": object["size"] ?? 0, "authenticated": true,
        ]
        do {
            let file = try LargeFile.find(name, of: model, call)
            members["size"] = .number(Double(file.file.sizeBytes))
            var action: [String: JSONValue] = [
                "href": .string("\(base)/\(model.shown).git/info/lfs/objects/\(name)")
            ]
            if let header = call.request.headers[.authorization] {
                action["header"] = ["Authorization": .string(header)]
            }
            members["actions"] = ["download": .object(action)]
        } catch let failure as Failure {
            members["error"] = [
                "code": .number(Double(failure.status.code)), "message": .string(failure.message),
            ]
        }
        return .object(members)
    }
}

/// `/<name>.git/info/lfs/objects/<digest>`: the bytes behind a pointer.
struct LargeFile: Route {
    static let name = "lfs-object"
    let model: HubModel
    let digest: String

    init?(_ path: RequestPath) {
        let components = path.components
        guard components.dropLast().suffix(3) == ["info", "lfs", "objects"],
            let model = HubModel(git: components.dropLast(4)), let digest = components.last
        else { return nil }
        self.model = model
        self.digest = digest
    }

    var need: Need { .read(model: model.name) }

    func answer(_ call: Call) async throws -> Response {
        guard try call.registry.hasModel(model.name) else { throw Failure.noModel(model.shown) }
        let moment = try call.registry.moment(of: model.name)
        let found = try Self.find(digest, of: model, call)
        return FileAnswer(
            call: call, model: model, version: found.version, file: found.file, moment: moment
        ).response
    }

    /// The file of a digest; what only revoked versions have is gone (410), the one word that the
    /// protocol has for it.
    static func find(
        _ name: String, of model: HubModel, _ call: Call
    ) throws -> (version: Version, file: ReleasedFile) {
        guard let digest = Digest(hex: name) else {
            throw Failure(status: .notFound, message: "\(model.shown) has no such object.")
        }
        do throws(LetheError) {
            return try call.registry.releasedFile(
                digest, of: model.name, allowingUncertified: call.settings.givesUncertified)
        } catch {
            if error.code == .notFound {
                throw Failure(status: .notFound, message: "\(model.shown) has no such object.")
            }
            guard error.code == .refused else { throw Failure(error) }
            throw Failure(status: .gone, message: Failure(error).message)
        }
    }
}
