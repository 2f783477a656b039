internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry

/// `/metrics`: what the server did, for Prometheus.
struct Metrics: Route {
    static let name = "metrics"

    init?(_ path: RequestPath) {
        guard path.components == ["metrics"] else { return nil }
    }

    var need: Need { .metrics }

    func answer(_ call: Call) async throws -> Response {
        .text(
            call.metrics.text(modelCount: try call.registry.models().count),
            type: "text/plain; version=0.0.4; charset=utf-8")
    }
}
