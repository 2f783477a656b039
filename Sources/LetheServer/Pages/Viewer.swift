internal import HTTPTypes
internal import HummingbirdCore
internal import LetheRecords

/// Who looks at a page, and so what stands on it.
///
/// Models follow the rule for pulling: what a token may not read is on no page, in no list and in
/// no count. The life of requests, and who pulled what, needs the scope `forget`, on a public
/// server, too.
struct Viewer: Sendable {
    let isPublic: Bool
    let token: AccessToken?
    /// The address that was asked for, to come back to after signing in.
    let address: String

    init(_ call: Call) {
        isPublic = call.settings.isPublic
        token = call.token
        address = call.request.head.path ?? Address.home
    }

    init(isPublic: Bool, token: AccessToken?, address: String) {
        self.isPublic = isPublic
        self.token = token
        self.address = address
    }

    var isSignedIn: Bool { token != nil }

    func mayRead(_ model: String) -> Bool {
        isPublic || token?.allows(.read, of: model) == true
    }

    func mayHandleRequests(of model: String) -> Bool {
        token?.allows(.forget, of: model) == true
    }

    /// Whether there can be any requests for them to see.
    var handlesRequests: Bool {
        token.map { $0.scopes.contains(.forget) || $0.scopes.contains(.admin) } ?? false
    }

    /// Whether they may read the registry as a whole: every model, now and later.
    var mayReadAll: Bool { isPublic || token?.allows(.read, of: nil) == true }

    /// Whether they may read anything at all.
    var mayReadSome: Bool {
        isPublic || token.map { $0.scopes.contains(.read) || $0.scopes.contains(.admin) } ?? false
    }

    /// Whether they may see the life of every request.
    var handlesAllRequests: Bool { token?.allows(.forget, of: nil) == true }

    /// Whether some models are hidden from them, whichever these are.
    var isRestricted: Bool { !isPublic && token?.models != nil }

    /// Whether a sentence of a record names only versions that they may read.
    func mayHear(_ sentence: String) -> Bool {
        sentence.matches(of: /([a-z0-9][a-z0-9._-]*)@v\d+/).allSatisfy {
            mayRead(String($0.output.1))
        }
    }
}
