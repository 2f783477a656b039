internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry

/// `/<name>/resolve/<revision>/<path>`: the bytes of a file, or a run of them.
struct ResolveFile: Route {
    static let name = "resolve"
    let model: HubModel
    let revision: String
    let path: String

    init?(_ path: RequestPath) {
        guard let found = HubModel.split(path.components, before: "resolve"),
            found.rest.count >= 2
        else { return nil }
        model = found.model
        revision = found.rest[0]
        self.path = found.rest.dropFirst().joined(separator: "/")
    }

    var need: Need { .read(model: model.name) }

    func answer(_ call: Call) async throws -> Response {
        guard let moment = try? call.registry.moment(of: model.name) else {
            throw Failure.noModel(model.shown)
        }
        let version = try model.version(revision, for: call)
        if path == Registry.proofName { return try proof(of: version, call) }
        let release = try model.release(version, for: call)
        guard let file = release.files.first(where: { $0.path == path }) else {
            throw with(version, Failure.noFile(path, in: version.name))
        }
        return FileAnswer(call: call, model: model, version: version, file: file, moment: moment)
            .response
    }

    /// The proof that a certified version is in the log; another one whenever the log has grown, so
    /// it is not among the files that are listed.
    private func proof(of version: Version, _ call: Call) throws -> Response {
        guard let bytes = try? call.registry.proofFile(of: version),
            version.manifest.operation == .certify
        else { throw with(version, Failure.noFile(path, in: version.name)) }
        var response = Response.text(String(decoding: bytes, as: UTF8.self))
        response.headers[.eTag] = "\"\(Digest(hashing: bytes).hex)\""
        response.headers[.repoCommit] = version.commitName
        return response
    }

    /// Clients remember that a commit lacks a file, so they are told which commit.
    private func with(_ version: Version, _ failure: Failure) -> Failure {
        var failure = failure
        failure.headers[.repoCommit] = version.commitName
        return failure
    }
}
