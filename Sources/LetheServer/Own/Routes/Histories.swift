internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry

/// `/api/v1/log` and `/api/v1/models/<name>/log`: what `lethe log` says.
struct History: OwnRoute {
    static let name = "own-log"
    static let templates = ["/api/v1/log", "/api/v1/models/{model}/log"]
    let model: String?

    init?(_ path: RequestPath) {
        if OwnPath.match(Self.templates[0], path) != nil {
            model = nil
        } else if let found = OwnPath.match(Self.templates[1], path) {
            model = found[0]
        } else {
            return nil
        }
    }

    var need: Need { model.map { .read(model: $0) } ?? .whole }

    func answer(_ call: Call) async throws -> Response {
        if let model { try call.requireName(model) }
        return try await call.answer(to: ["log"] + (model.map { [$0] } ?? []))
    }
}

/// `/api/v1/models/<name>/versions/<revision>`: what `lethe show` says.
struct VersionRecord: OwnRoute {
    static let name = "own-version"
    static let templates = ["/api/v1/models/{model}/versions/{revision}"]
    let model: String
    let revision: String

    init?(_ path: RequestPath) {
        guard let found = OwnPath.match(Self.templates[0], path) else { return nil }
        (model, revision) = (found[0], found[1])
    }

    var need: Need { .read(model: model) }

    func answer(_ call: Call) async throws -> Response {
        try call.requireName(model)
        try call.requireName(revision)
        var arguments = ["show", "\(model)@\(revision)"]
        if let at = call.path.query["at"] {
            guard let time = Timestamp(at) else {
                throw OrderFields.wrong("at", "is a moment such as 2026-11-22T10:00:00Z")
            }
            arguments.append("--at=\(time)")
        }
        return try await call.answer(to: arguments)
    }
}

/// `/api/v1/models/<name>/aliases`: what `lethe aliases` says.
struct AliasMoves: OwnRoute {
    static let name = "own-aliases"
    static let templates = ["/api/v1/models/{model}/aliases"]
    let model: String

    init?(_ path: RequestPath) {
        guard let found = OwnPath.match(Self.templates[0], path) else { return nil }
        model = found[0]
    }

    var need: Need { .read(model: model) }

    func answer(_ call: Call) async throws -> Response {
        try call.requireName(model)
        return try await call.answer(to: ["aliases", model])
    }
}

/// `/api/v1/trace/<request>`: what `lethe trace` says; of every model, so only for those who may
/// read every model.
struct RequestReach: OwnRoute {
    static let name = "own-trace"
    static let templates = ["/api/v1/trace/{request}"]
    let request: String

    init?(_ path: RequestPath) {
        guard let found = OwnPath.match(Self.templates[0], path) else { return nil }
        request = found[0]
    }

    var need: Need { .scope(.read, model: nil) }

    func answer(_ call: Call) async throws -> Response {
        try call.requireName(request)
        return try await call.answer(to: ["trace", request])
    }
}

/// `/api/v1/requests`: what `lethe requests` says of open and closed cases; of one model with
/// `model`.
struct CaseList: OwnRoute {
    static let name = "own-requests"
    static let templates = ["/api/v1/requests"]
    let model: String?
    let isDue: Bool

    init?(_ path: RequestPath) {
        guard OwnPath.match(Self.templates[0], path) != nil else { return nil }
        model = path.query["model"]
        isDue = path.query["due"] == "true"
    }

    /// Who asks that something be forgotten is for those who may forget; the alarms are about every
    /// model.
    var need: Need { .scope(.forget, model: nil) }

    func answer(_ call: Call) async throws -> Response {
        if let model { try call.requireName(model) }
        let due = call.path.query["due"]
        guard due == nil || ["true", "false"].contains(due) else {
            throw OrderFields.wrong("due", "is true or false")
        }
        return try await call.answer(
            to: ["requests", "list"] + (model.map { [$0] } ?? []) + (isDue ? ["--due"] : []))
    }
}

extension HTTPField.Name {
    /// What the command would have ended with.
    static let exitCode = HTTPField.Name("Lethe-Exit-Code") ?? .contentType
    static let idempotencyKey = HTTPField.Name("Idempotency-Key") ?? .contentType
    static let uploadOffset = HTTPField.Name("Upload-Offset") ?? .contentType
    static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .contentType
}

extension Call {
    /// Refuses what cannot be the name of anything, and could be an option of a command.
    func requireName(_ text: String) throws {
        guard OrderFields.isName(text) else {
            throw Failure.own(.notFound, .notFound, "There is nothing of that name.")
        }
    }

    /// Whether the client would rather read text.
    var wantsText: Bool {
        request.headers[.accept]?.lowercased().hasPrefix("text/plain") == true
    }

    /// What a command that only reads answers.
    func answer(to arguments: [String]) async throws -> Response {
        let answer = try await runner.command.read(arguments)
        if answer.exitCode != 0 {
            guard let error = answer.error else {
                throw Failure.own(
                    .internalServerError, .io, "The server could not run this.",
                    cause: "exit code \(answer.exitCode) of \(arguments[0])")
            }
            throw Failure.own(runner.command.redaction.error(error, for: token))
        }
        return Response.command(answer.json, text: answer.text, wantsText: wantsText)
    }
}

extension Response {
    /// A command's answer as it wrote it.
    static func command(
        _ json: [UInt8], text: [UInt8], wantsText: Bool, exitCode: Int32 = 0
    ) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: wantsText
                    ? "text/plain; charset=utf-8" : "application/json; charset=utf-8",
                .cacheControl: "no-store", .vary: "Accept", .exitCode: "\(exitCode)",
                .xContentTypeOptions: "nosniff",
            ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: wantsText ? text : json)))
    }
}
