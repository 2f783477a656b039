internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry
internal import NIOCore

/// One kind of address; a file in `Routes/` each.
protocol Route: Sendable {
    /// A short name for metrics and logs.
    static var name: String { get }
    /// The methods that it answers.
    static var methods: Set<HTTPRequest.Method> { get }
    /// Takes an address, if it is of this kind.
    init?(_ path: RequestPath)
    /// What a client must be allowed to do.
    var need: Need { get }
    /// Answers; what may last is in the answer's body.
    func answer(_ call: Call) async throws -> Response
}

extension Route {
    static var methods: Set<HTTPRequest.Method> { [.get, .head] }
}

/// What a client must be allowed to do.
enum Need: Sendable, Equatable {
    /// Nothing.
    case nothing
    /// To read a model; the registry as a whole if none is named.
    case read(model: String?)
    /// To see the life of requests to erase, of whichever models.
    case requests
    /// To see what the server does.
    case metrics
    /// To read everything, of whichever model.
    case whole
    /// To have a token, whatever it allows.
    case token
    /// To have a token that allows this of a model; of the registry as a whole if none is named.
    case scope(AccessScope, model: String?)
}

/// A request on its way, with everything that answers it.
struct Call: Sendable {
    let registry: Registry
    let settings: ServerSettings
    let metrics: ServerMetrics
    let request: Request
    /// The connection that the request came by.
    let channel: any Channel
    let path: RequestPath
    /// The client's token; nil for everybody.
    let token: AccessToken?
    let report: AnswerReport
    /// Runs commands for clients of the own API.
    let runner: JobRunner

    var isHead: Bool { request.method == .head }

    /// Whether the client may read a model.
    func mayRead(_ model: String) -> Bool {
        settings.isPublic || token?.allows(.read, of: model) == true
    }
}
