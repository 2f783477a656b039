internal import HTTPTypes
internal import Hummingbird

/// How a browser shows its token: a cookie that no script and no other site can use.
///
/// It counts for GET and HEAD only, so that no form of another site can ever have something done
/// with it, and whatever changes a registry over HTTP asks for the token itself.
struct Session {
    private static let name = "lethe-token"
    private static let safe: Set<HTTPRequest.Method> = [.get, .head]

    /// The token in a request's cookie; nil without one, and for requests that may change something.
    static func token(of request: Request) -> String? {
        guard safe.contains(request.method) else { return nil }
        for header in request.headers[values: .cookie] where header.utf8.count <= 4096 {
            for pair in header.split(separator: ";") {
                let halves = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
                if halves.count == 2, halves[0] == name { return String(halves[1]) }
            }
        }
        return nil
    }

    /// The cookie that holds a token until the browser is closed; nil takes it away.
    ///
    /// The token has been found among the registry's, so it is of its alphabet.
    static func cookie(_ token: String?, isSecure: Bool) -> String {
        "\(name)=\(token ?? ""); Path=/; HttpOnly; SameSite=Strict"
            + (isSecure ? "; Secure" : "") + (token == nil ? "; Max-Age=0" : "")
    }

    /// Refuses a form that another site sent.
    ///
    /// Every browser of the last years says where a form came from; text browsers say nothing, and
    /// have no other site's pages open beside this one.
    static func requireOwnForm(_ call: Call) throws {
        let headers = call.request.headers
        let refusal = Failure(
            status: .forbidden, message: "This form came from another site, so nothing was done.")
        if let site = headers[.fetchSite] {
            guard site == "same-origin" else { throw refusal }
        } else if let origin = headers[.origin] {
            let own = ["http://", "https://"].map { $0 + (call.request.head.authority ?? "") }
            guard own.contains(origin) || origin == call.settings.url else { throw refusal }
        }
    }
}
