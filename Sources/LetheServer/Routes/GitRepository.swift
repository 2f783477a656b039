internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry
internal import NIOCore

/// `/<name>.git/info/refs` and `/<name>.git/git-upload-pack`: what `git clone` and `git fetch` ask.
struct GitRepository: Route {
    static let name = "git"
    static let methods: Set<HTTPRequest.Method> = [.get, .post]
    let model: HubModel
    let isUpload: Bool

    init?(_ path: RequestPath) {
        let end = path.components.suffix(2)
        if end == ["info", "refs"], let model = HubModel(git: path.components.dropLast(2)) {
            self.model = model
            isUpload = false
        } else if path.components.last == "git-upload-pack",
            let model = HubModel(git: path.components.dropLast())
        {
            self.model = model
            isUpload = true
        } else {
            return nil
        }
    }

    var need: Need { .read(model: model.name) }

    func answer(_ call: Call) async throws -> Response {
        guard (call.request.method == .post) == isUpload else {
            throw Failure(status: .methodNotAllowed, message: "git asks this in another way.")
        }
        let service = call.path.query["service"]
        guard isUpload || service == "git-upload-pack" else {
            throw Failure(
                status: .forbidden,
                message: service == "git-receive-pack"
                    ? "Nothing is pushed here: publish with lethe publish."
                    : "This server speaks git's smart protocol only.")
        }
        guard try call.registry.hasModel(model.name) else { throw Failure.noModel(model.shown) }
        let body = isUpload ? try await call.body() : []
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "lethe-git-\(UUID().uuidString)")
        let backend = GitBackend(folder: folder, model: model.name, request: call.request)
        do throws(LetheError) {
            try call.registry.writeGitView(
                of: model.name, to: folder.appending(path: "\(model.name).git"),
                allowingUncertified: call.settings.givesUncertified)
            return try await backend.answer(to: body, isUpload: isUpload, report: call.report)
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw Failure(error)
        }
    }
}

extension HubModel {
    /// Takes `faces.git`, `lethe` and `faces.git`, or the same without the ending.
    init?(git components: some Collection<String>) {
        let list = Array(components)
        guard let last = list.last else { return nil }
        let name = last.hasSuffix(".git") ? String(last.dropLast(4)) : last
        self.init(list.dropLast() + [name])
    }
}

extension Call {
    /// The whole body of the request.
    func body() async throws -> [UInt8] {
        do {
            let buffer = try await request.body.collect(upTo: settings.limits.bodySizeBytes)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Failure(
                status: .contentTooLarge, message: "The body of this request is too long.",
                headers: [.connection: "close"])
        } catch {
            // Nobody reads it but the log: the client has gone.
            throw Failure(
                status: .badRequest, message: "The body of this request did not arrive whole.",
                headers: [.connection: "close"])
        }
    }
}
