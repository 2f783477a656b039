/// A request, as everything but the transport sees it.
public struct BucketRequest: Sendable {
    /// `GET`, `PUT` and so on.
    public var method: String
    /// The whole address, escaped.
    public var address: String
    /// The fields of the head.
    public var fields: [String: String]
    /// The body; empty for none.
    public var body: [UInt8]

    /// Describes a request.
    public init(method: String, address: String, fields: [String: String], body: [UInt8]) {
        self.method = method
        self.address = address
        self.fields = fields
        self.body = body
    }
}

/// What an answer begins with; names of fields in small letters.
public struct BucketAnswer: Sendable {
    /// The status of HTTP.
    public let status: Int
    /// The fields of the head.
    public let fields: [String: String]

    /// Describes the head of an answer.
    public init(status: Int, fields: [String: String]) {
        self.status = status
        self.fields = fields
    }

    var isSuccess: Bool { (200..<300).contains(status) }
}

/// What sends requests; the HTTP library is behind it.
public protocol BucketTransport: Sendable {
    /// Sends a request, tells how the answer begins, and hands over its body piece by piece.
    ///
    /// - Throws: `io` if the way is cut off, before or within the answer; what `take` throws.
    func send(
        _ request: BucketRequest, _ take: (BucketAnswer, [UInt8]) throws -> Void
    ) async throws -> BucketAnswer
}
