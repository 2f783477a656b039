public import Foundation

/// What a server does and where it listens.
public struct ServerSettings: Sendable {
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port; 0 for any that is free.
    public var port = 8080
    /// Whether everybody may read without a token; nobody may do anything else then.
    public var isPublic = false
    /// Whether versions that nobody certified are given out to those who name one exactly.
    public var givesUncertified = false
    /// Whether the metrics need no token.
    public var hasOpenMetrics = false
    /// How clients address the server, for links in answers, such as `https://models.example`; nil
    /// for the address that each request names.
    public var url: String?
    /// The certificate and key for TLS; nil for plain HTTP.
    public var tls: TLSFiles?
    /// The folder of the private keys that jobs sign with; nil for the command's default.
    public var keys: URL?
    /// The command that does the work; nil for `lethe` beside this executable.
    public var command: URL?
    /// What a client may not exceed.
    public var limits = ServerLimits()

    /// The defaults: this machine only, with tokens.
    public init() {}

    /// Two PEM files.
    public struct TLSFiles: Sendable {
        /// The server's certificate, then those that vouch for it.
        public let certificate: URL
        /// Its private key.
        public let privateKey: URL

        /// Names the files.
        public init(certificate: URL, privateKey: URL) {
            self.certificate = certificate
            self.privateKey = privateKey
        }
    }

    /// What the addresses that the server itself hears begin with.
    public var scheme: String { tls == nil ? "http" : "https" }

    /// Whether clients come by TLS, its own or a proxy's.
    var isReachedByTLS: Bool { url?.hasPrefix("https://") ?? (tls != nil) }
}

/// What a client may not exceed.
public struct ServerLimits: Sendable {
    /// How many connections are open at once; further ones wait.
    public var connections = 512
    /// The longest body of a request that is read.
    public var bodySizeBytes = 1 << 20
    /// The longest upload, all files together.
    public var uploadSizeBytes = 64 << 30
    /// The longest header of a request, all fields together.
    public var headerSizeBytes = 16 << 10
    /// How long a connection may say nothing between requests and in the middle of one.
    public var idleSeconds = 30
    /// How long a request may take to arrive.
    public var arrivalSeconds = 30
    /// How long a client may take no byte of an answer.
    public var stallSeconds = 60
    /// How long running answers may go on when the server is told to stop.
    public var shutdownSeconds = 30

    /// The defaults.
    public init() {}
}
