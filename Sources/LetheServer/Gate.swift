internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry

/// Who is let in.
struct Gate {
    let registry: Registry
    let settings: ServerSettings

    /// The token that a request carries; nil if it carries none.
    ///
    /// A forged token is refused even where none is needed, so that nobody believes that it works.
    func token(of request: Request) throws -> AccessToken? {
        guard let header = request.headers[.authorization] else {
            // A browser shows its cookie without being asked; one that is out of date is no offence.
            return try Session.token(of: request).flatMap { try registry.tokens().find($0) }
        }
        guard let presented = Self.presented(header),
            let token = try registry.tokens().find(presented)
        else {
            throw Failure(
                // The words by which clients of the Hub know that it is the token's fault.
                status: .unauthorized, message: "Invalid credentials in Authorization header",
                headers: [.wwwAuthenticate: Self.challenge], cause: "forged or removed token")
        }
        return token
    }

    /// Refuses a client that may not do something.
    ///
    /// Somebody who may not read a model learns no more than that he may not read it, whether it
    /// exists or not.
    func check(_ need: Need, _ call: Call) throws {
        switch need {
        case .nothing: return
        case .read(let model):
            if settings.isPublic { return }
            guard let token = call.token else { throw Self.tokenNeeded }
            guard let model else {
                if token.scopes.contains(.read) || token.scopes.contains(.admin) { return }
                throw Self.notAllowed
            }
            guard token.allows(.read, of: model) else { throw Failure.noModel(model) }
        case .requests:
            guard let token = call.token else { throw Self.tokenNeeded }
            guard token.scopes.contains(.forget) || token.scopes.contains(.admin) else {
                throw Self.notAllowed
            }
        case .metrics:
            if settings.hasOpenMetrics { return }
            guard let token = call.token else { throw Self.tokenNeeded }
            guard token.allows(.admin, of: nil) else { throw Self.notAllowed }
        case .whole, .token, .scope: try checkOwn(need, call)
        }
    }

    private func checkOwn(_ need: Need, _ call: Call) throws {
        if need == .whole && settings.isPublic { return }
        guard let token = call.token else { throw Self.tokenNeeded }
        switch need {
        case .whole:
            guard token.allows(.read, of: nil) else { throw Self.notAllowed }
        case .scope(let scope, let model):
            if token.allows(scope, of: model) { return }
            // Somebody who may read the model may know that it is there.
            if let model, !call.mayRead(model) { throw Failure.noModel(model) }
            throw Self.notAllowed
        default: return
        }
    }

    private static let challenge = "Basic realm=\"lethe\""
    private static let tokenNeeded = Failure(
        status: .unauthorized, message: "This server wants a token that allows this.",
        headers: [.wwwAuthenticate: challenge])
    private static let notAllowed = Failure(
        status: .forbidden, message: "Your token does not allow this.")

    /// The token in a header: a bearer's, or the password of somebody whose name does not matter,
    /// as git sends it.
    private static func presented(_ header: String) -> String? {
        guard header.utf8.count <= 1024 else { return nil }
        let halves = header.split(separator: " ", maxSplits: 1)
        guard halves.count == 2 else { return nil }
        switch halves[0].lowercased() {
        case "bearer": return String(halves[1])
        case "basic":
            guard let data = Data(base64Encoded: String(halves[1])),
                let text = String(data: data, encoding: .utf8),
                let colon = text.firstIndex(of: ":")
            else { return nil }
            return String(text[text.index(after: colon)...])
        default: return nil
        }
    }
}
