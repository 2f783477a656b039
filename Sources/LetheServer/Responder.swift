internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry
internal import Logging
internal import NIOCore

/// Finds the route of a request, lets the client in or not, and turns every error into an answer.
struct Responder: HTTPResponder {
    typealias Context = ServedContext

    /// Every kind of address, in the order in which they are tried.
    static let routes: [any Route.Type] =
        OwnRoutes.all + [
            Health.self, Metrics.self, ModelList.self, ModelTree.self, ModelInfo.self,
            ResolveFile.self, LargeFiles.self, LargeFile.self, GitRepository.self,
        ] + Page.routes

    let registry: Registry
    let settings: ServerSettings
    let metrics: ServerMetrics
    let executor: WorkExecutor
    let runner: JobRunner

    func respond(to request: Request, context: Context) async throws -> Response {
        let report = AnswerReport(
            method: request.method.rawValue, target: request.head.path ?? "", metrics: metrics,
            logger: context.logger)
        // The registry's own work blocks; it may not take the threads that everything shares.
        var response = await withTaskExecutorPreference(executor) {
            await answer(request, context.channel, report)
        }
        if response.status.kind != .successful,
            request.headers[.contentLength] != nil
                || request.headers[.transferEncoding] != nil
        {
            // Nobody reads the body of a request that was refused.
            response.headers[.connection] = "close"
        }
        if !report.isStreamed {
            report.sent(response.body.contentLength ?? 0)
            report.finished()
        }
        return response
    }

    private func answer(
        _ request: Request, _ channel: any Channel, _ report: AnswerReport
    ) async -> Response {
        do {
            let response = try await find(request, channel, report)
            report.answered(status: response.status.code)
            return request.method == .head ? response.createHeadResponse() : response
        } catch {
            let failure =
                (error as? Failure) ?? (error as? LetheError).map { Failure($0) }
                ?? Failure(
                    status: .internalServerError, message: "The server failed.", cause: "\(error)")
            report.answered(status: failure.status.code, cause: failure.cause)
            if OwnPath.isOwn(request.head.path ?? "") {
                let response = failure.ownResponse
                return request.method == .head ? response.createHeadResponse() : response
            }
            let isGit = request.headers[.userAgent]?.hasPrefix("git/") == true
            let response =
                isGit
                ? failure.text
                : ErrorPage.isFor(request)
                    ? page(failure, request)
                    : failure.response
            return request.method == .head ? response.createHeadResponse() : response
        }
    }

    private func page(_ failure: Failure, _ request: Request) -> Response {
        let token = try? Gate(registry: registry, settings: settings).token(of: request)
        let viewer = Viewer(
            isPublic: settings.isPublic, token: token, address: request.head.path ?? "/")
        return ErrorPage.response(failure, viewer)
    }

    private func find(
        _ request: Request, _ channel: any Channel, _ report: AnswerReport
    ) async throws -> Response {
        guard let path = RequestPath(request.head.path ?? "") else { throw Failure.badRequest }
        for kind in Self.routes {
            guard let route = kind.init(path) else { continue }
            report.named(route: kind.name)
            guard kind.methods.contains(request.method) else {
                let allowed = kind.methods.map(\.rawValue).sorted().joined(separator: ", ")
                throw Failure(
                    status: .methodNotAllowed, message: "This address answers \(allowed) only.",
                    headers: [.allow: allowed])
            }
            let token = try Gate(registry: registry, settings: settings).token(of: request)
            report.admitted(token)
            let call = Call(
                registry: registry, settings: settings, metrics: metrics, request: request,
                channel: channel, path: path, token: token, report: report, runner: runner)
            try Gate(registry: registry, settings: settings).check(route.need, call)
            return try await route.answer(call)
        }
        throw Failure.noSuchPage
    }
}
