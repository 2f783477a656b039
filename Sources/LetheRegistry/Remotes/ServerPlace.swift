internal import Foundation
internal import LetheRecords

/// A registry that a Lethe server serves.
///
/// `lethe-remote` has the HTTP client and reads the token; here nobody knows it.
public struct ServerPlace: Sendable, Hashable {
    /// The address as it is written: `https://host:port/path`, or `http://` within a machine.
    public let text: String
    /// How the server is asked.
    var access = ServerAccess()

    /// - Returns: nil if a part of the address could be read as something else.
    init?(_ text: String, _ parts: URLComponents) {
        guard let host = parts.host, !host.isEmpty, parts.user == nil, parts.query == nil,
            parts.fragment == nil,
            text.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 && $0.value != 0x7F })
        else { return nil }
        self.text = text
    }

    /// Where `lethe-remote` looks for the address.
    static let variable = "LETHE_REMOTE"

    /// Starts what speaks with the server.
    ///
    /// - Throws: `notFound` if it is not beside this program.
    func start(_ direction: String) throws(LetheError) -> ChildProgram {
        try ChildProgram(
            SiblingProgram.path("lethe-remote"), ["exchange", direction] + access.arguments,
            environment: [Self.variable: text], name: text)
    }
}

/// What a client of a server is told besides its address; no secret, but where one is.
public struct ServerAccess: Sendable, Hashable {
    /// A file with the token; nil for `$LETHE_TOKEN`.
    public var tokenFile: String?
    /// A PEM file of the authorities that may vouch for the server; nil for those of the machine.
    public var certificateAuthority: String?
    /// Whether the token may go to other machines without TLS.
    public var allowsPlainHTTP = false

    /// The defaults.
    public init() {}

    /// The options of `lethe-remote` that say the same.
    var arguments: [String] {
        (tokenFile.map { ["--token-file", $0] } ?? [])
            + (certificateAuthority.map { ["--certificate-authority", $0] } ?? [])
            + (allowsPlainHTTP ? ["--plain-http"] : [])
    }
}

extension RemoteAddress {
    /// The same address, asked in this way if it is a server's; others are asked as ever.
    public func asked(by access: ServerAccess) -> RemoteAddress {
        guard case .server(var place) = self else { return self }
        place.access = access
        return .server(place)
    }
}
