internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry
internal import NIOCore

extension HTTPField.Name {
    /// `true` with the last bytes of an exchange's output.
    static let exchangeOver = HTTPField.Name("Exchange-Over") ?? .contentType
}

extension Call {
    /// Refuses a token that may not do this with the registry as a whole.
    fileprivate func require(_ direction: ExchangeSession.Direction) throws {
        for scope in direction.scopes {
            try Gate(registry: registry, settings: settings)
                .check(.scope(scope, model: nil), self)
        }
    }

    /// An exchange that this token began and may still have.
    fileprivate func exchange(_ id: String) throws -> ExchangeSession {
        guard let found = runner.exchanges.find(id, token: token?.name ?? "") else {
            throw Failure.own(
                .notFound, .notFound, "There is no such exchange.",
                "It was ended, or the server was started again: begin a new one.")
        }
        try require(found.direction)
        return found
    }

    /// A place in a stream, as the address names it.
    fileprivate func offset() throws -> Int {
        guard let text = path.query["offset"], text.wholeMatch(of: /[0-9]{1,15}/) != nil,
            let offset = Int(text)
        else { throw OrderFields.wrong("offset", "is a whole number of at most 15 digits") }
        return offset
    }

    /// Whether the token was taken away while something was waited for.
    fileprivate func requireToken() throws {
        let now = try Gate(registry: registry, settings: settings).token(of: request)
        guard now == token else {
            throw Failure.own(.forbidden, .refused, "Your token does not allow this any more.")
        }
    }
}

/// `/api/v1/exchanges`: begins a conversation of two registries, as `lethe exchange` holds it over
/// ssh.
struct ExchangeList: OwnRoute {
    static let name = "own-exchanges"
    static let methods: Set<HTTPRequest.Method> = [.post]
    static let templates = ["/api/v1/exchanges"]

    init?(_ path: RequestPath) {
        guard OwnPath.match(Self.templates[0], path) != nil else { return nil }
    }

    /// A mirror is one of everything.
    var need: Need { .scope(.mirror, model: nil) }

    func answer(_ call: Call) async throws -> Response {
        let fields = try OrderFields(await call.body(), knowing: ["direction"])
        guard let word = try fields.word("direction", of: ["send", "receive"]),
            let direction = ExchangeSession.Direction(rawValue: word)
        else { throw OrderFields.wrong("direction", "is missing") }
        try call.require(direction)
        let session = try call.runner.exchanges.begin(direction, token: call.token?.name ?? "")
        var response = Response.json(
            [
                "id": .string(session.id), "direction": .string(word),
                "pieceSizeBytes": .number(Double(call.settings.limits.bodySizeBytes)),
            ], status: .created)
        response.headers[.location] = "/api/v1/exchanges/\(session.id)"
        return response
    }
}

/// `/api/v1/exchanges/<id>`: DELETE ends it.
struct ExchangeRecord: OwnRoute {
    static let name = "own-exchange"
    static let methods: Set<HTTPRequest.Method> = [.delete]
    static let templates = ["/api/v1/exchanges/{exchange}"]
    let id: String

    init?(_ path: RequestPath) {
        guard let found = OwnPath.match(Self.templates[0], path) else { return nil }
        id = found[0]
    }

    var need: Need { .scope(.mirror, model: nil) }

    func answer(_ call: Call) async throws -> Response {
        call.runner.exchanges.end(try call.exchange(id))
        return Response(status: .noContent)
    }
}

/// `/api/v1/exchanges/<id>/input`: gives the registry here what the other one says.
struct ExchangeInput: OwnRoute {
    static let name = "own-exchange-input"
    static let methods: Set<HTTPRequest.Method> = [.put]
    static let templates = ["/api/v1/exchanges/{exchange}/input"]
    let id: String

    init?(_ path: RequestPath) {
        guard let found = OwnPath.match(Self.templates[0], path) else { return nil }
        id = found[0]
    }

    var need: Need { .scope(.mirror, model: nil) }

    func answer(_ call: Call) async throws -> Response {
        let session = try call.exchange(id)
        let offset = try call.offset()
        let bytes = try await call.body()
        guard !bytes.isEmpty else {
            throw Failure.own(.badRequest, .invalidArgument, "The body is missing.")
        }
        try call.requireToken()
        do throws(LetheError) {
            let now = try session.write(
                bytes, at: offset, within: call.runner.exchanges.waitSeconds)
            return Response(status: .noContent, headers: [.uploadOffset: "\(now)"])
        } catch {
            throw Failure.own(error)
        }
    }
}

/// `/api/v1/exchanges/<id>/output`: what the registry here says; waits for it.
struct ExchangeOutput: OwnRoute {
    static let name = "own-exchange-output"
    static let methods: Set<HTTPRequest.Method> = [.get]
    static let templates = ["/api/v1/exchanges/{exchange}/output"]
    let id: String

    init?(_ path: RequestPath) {
        guard let found = OwnPath.match(Self.templates[0], path) else { return nil }
        id = found[0]
    }

    var need: Need { .scope(.mirror, model: nil) }

    func answer(_ call: Call) async throws -> Response {
        let session = try call.exchange(id)
        let offset = try call.offset()
        let piece: PipeReader.Piece
        do throws(LetheError) {
            piece = try session.read(
                from: offset, atMost: ExchangeBook.pieceSizeBytes,
                within: call.runner.exchanges.waitSeconds)
        } catch {
            throw Failure.own(error)
        }
        try call.requireToken()
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/octet-stream", .cacheControl: "no-store",
                .exchangeOver: piece.isLast ? "true" : "false", .xContentTypeOptions: "nosniff",
            ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: piece.bytes)))
    }
}
