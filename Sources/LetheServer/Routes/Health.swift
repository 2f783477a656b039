internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry

/// `/health`: whether the registry can be read.
struct Health: Route {
    static let name = "health"

    init?(_ path: RequestPath) {
        guard path.components == ["health"] else { return nil }
    }

    var need: Need { .nothing }

    func answer(_ call: Call) async throws -> Response {
        do throws(LetheError) {
            _ = try call.registry.models()
        } catch {
            throw Failure(
                status: .serviceUnavailable, message: "The registry cannot be read.",
                cause: "\(error)")
        }
        return .json(["status": "ok", "version": .string(letheVersion)])
    }
}
