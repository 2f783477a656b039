internal import AsyncHTTPClient
internal import Foundation
internal import LetheRecords
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// A request, as everything but the transport sees it.
struct Request: Sendable {
    let method: String
    /// The whole address, escaped.
    let address: String
    let fields: [String: String]
    let body: [UInt8]?
}

/// The door to the one outside HTTP library; no other file imports it.
///
/// Redirections are not followed: the token is for this server.
struct Transport: Sendable {
    /// What an answer begins with; names of fields in small letters.
    struct Head: Sendable {
        let status: Int
        let fields: [String: String]
    }

    /// How long a server may take to take a connection, TLS included.
    static let connectSeconds = 20

    private let server: String
    private let silenceSeconds: Int
    private let client: HTTPClient

    /// - Parameters:
    ///   - server: What messages call the server.
    ///   - authorities: A PEM file of the certificates that are trusted; nil for the system's.
    ///   - silenceSeconds: After how long without a byte an answer is given up.
    /// - Throws: `notFound` or `malformed` if the file holds no certificates.
    init(server: String, authorities: String?, silenceSeconds: Int) throws(LetheError) {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authorities { tls.trustRoots = .certificates(try Self.read(authorities)) }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(
                connect: .seconds(Int64(Self.connectSeconds)),
                read: .seconds(Int64(silenceSeconds)), write: .seconds(Int64(silenceSeconds))))
        configuration.httpVersion = .http1Only
        // Sooner than a server ends a connection that says nothing.
        configuration.connectionPool.idleTimeout = .seconds(5)
        // Whoever asks knows better how long to be patient.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.server = server
        self.silenceSeconds = silenceSeconds
    }

    /// Ends every connection; nothing can be sent any more.
    func end() async { try? await client.shutdown() }

    /// Sends a request, tells how the answer begins, and hands over its body piece by piece.
    ///
    /// - Throws: `io` if the server is not reached or falls silent; `refused` if its certificate is
    ///   not trusted; `CancellationError`; what `take` throws.
    func send(
        _ request: Request, _ take: (Head, [UInt8]) throws -> Void
    ) async throws -> Head {
        var outgoing = HTTPClientRequest(url: request.address)
        outgoing.method = HTTPMethod(rawValue: request.method)
        outgoing.headers = HTTPHeaders(request.fields.map { ($0.key, $0.value) })
        if let body = request.body { outgoing.body = .bytes(ByteBuffer(bytes: body)) }
        let message = outgoing
        let response = try await translating {
            try await client.execute(message, deadline: .distantFuture)
        }
        var fields: [String: String] = [:]
        for (name, value) in response.headers { fields[name.lowercased()] = value }
        let head = Head(status: Int(response.status.code), fields: fields)
        var pieces = response.body.makeAsyncIterator()
        while let piece = try await translating({ try await pieces.next() }) {
            try take(head, Array(piece.readableBytesView))
        }
        return head
    }

    private func translating<Result>(
        _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch {
            try Task.checkCancellation()
            throw translated(error)
        }
    }

    private func translated(_ error: any Error) -> any Error {
        switch error {
        case is CancellationError: return error
        case NIOSSLError.handshakeFailed, is NIOSSLExtraError:
            return LetheError(
                code: .refused, message: "\(server) showed no certificate that is trusted.",
                remedy: "Name a file of its authority's certificate with --certificate-authority.",
                cause: error)
        case let error as HTTPClientError where error == .readTimeout:
            return LetheError(
                code: .io, message: "\(server) said nothing for \(silenceSeconds) seconds.",
                remedy: "Ask again; a server that is slow is given more time by --idle-seconds.")
        default:
            return LetheError(
                code: .io, message: "\(server) does not answer.",
                remedy: "Is the server running, and is the address right?", cause: error)
        }
    }

    private static func read(_ path: String) throws(LetheError) -> [NIOSSLCertificate] {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw LetheError(
                code: .notFound, message: "The file of the authority cannot be read.",
                remedy: "Name a PEM file of certificates with --certificate-authority.")
        }
        guard let found = try? NIOSSLCertificate.fromPEMFile(path), !found.isEmpty else {
            throw LetheError(
                code: .malformed, message: "The file of the authority holds no certificate.",
                remedy: "It begins with -----BEGIN CERTIFICATE-----; ask the server's operator.")
        }
        return found
    }
}
