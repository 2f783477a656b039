internal import Hummingbird

/// An address of the registry's own API, compared with its description in `schemas/openapi.yaml`.
struct OwnPath {
    /// What every address of the API begins with.
    static let prefix = ["api", "v1"]

    /// The values of the template's parameters, in order; nil for another address.
    ///
    /// - Parameter template: As in the description: `/api/v1/models/{model}/log`.
    static func match(_ template: String, _ path: RequestPath) -> [String]? {
        let pattern = template.split(separator: "/")
        guard pattern.count == path.components.count else { return nil }
        var values: [String] = []
        for (part, component) in zip(pattern, path.components) {
            if part.hasPrefix("{") {
                guard component.utf8.count <= 200 else { return nil }
                values.append(component)
            } else if part != component {
                return nil
            }
        }
        return values
    }

    /// Whether a request is for the API, before its address was taken apart.
    static func isOwn(_ target: String) -> Bool {
        target == "/api/v1" || target.hasPrefix("/api/v1/") || target.hasPrefix("/api/v1?")
    }
}

/// A route of the registry's own API; a file in `Own/Routes` each.
protocol OwnRoute: Route {
    /// Its addresses as the description has them.
    static var templates: [String] { get }
}

/// Every route of the own API.
enum OwnRoutes {
    static let all: [any OwnRoute.Type] = [
        History.self, VersionRecord.self, AliasMoves.self, RequestReach.self, CaseList.self,
        PlaceOrder.self, JobList.self, JobRecord.self, JobEvents.self, JobAnswer.self,
        UploadList.self, UploadRecord.self, UploadPart.self, ExchangeList.self,
        ExchangeRecord.self, ExchangeInput.self, ExchangeOutput.self, OwnNothing.self,
    ]
}

/// Anything else below `/api/v1`: answered in the API's own shape, and never as a model's name.
struct OwnNothing: OwnRoute {
    static let name = "own-nothing"
    static let templates: [String] = []

    init?(_ path: RequestPath) {
        guard path.components.starts(with: OwnPath.prefix) else { return nil }
    }

    var need: Need { .nothing }

    func answer(_ call: Call) async throws -> Response { throw Failure.noSuchPage }
}
