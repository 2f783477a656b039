public import LetheRecords

/// A bucket of S3 or of a store that speaks as it does.
///
/// Whatever comes from it is not trusted; whoever asks hashes it. No message has a key, a token or
/// a signature in it.
public struct Bucket: Sendable {
    /// So often a request that failed for no reason of its own is sent again.
    static let attemptCount = 6
    /// The longest document that is read.
    private static let documentLimitBytes = 64 << 20

    /// What messages call it.
    public let name: String
    private let endpoint: BucketEndpoint
    private let signature: SignatureV4
    private let transport: any BucketTransport
    private let now: @Sendable () -> Timestamp
    private let wait: @Sendable (_ milliseconds: Int) async throws -> Void

    /// Describes the way to a bucket; nothing is asked of it.
    ///
    /// - Parameters:
    ///   - now: The clock; S3 refuses what is signed a quarter of an hour too early or late.
    ///   - wait: Waits before something is tried again.
    /// - Throws: `invalidArgument` for an endpoint that is none.
    public init(
        _ bucket: String, settings: BucketSettings, transport: any BucketTransport,
        now: @escaping @Sendable () -> Timestamp,
        wait: @escaping @Sendable (_ milliseconds: Int) async throws -> Void
    ) throws(LetheError) {
        name = "s3://\(bucket)"
        endpoint = try BucketEndpoint(bucket: bucket, settings: settings)
        signature = SignatureV4(keys: settings.keys, region: settings.region)
        self.transport = transport
        self.now = now
        self.wait = wait
    }

    /// The length in bytes and the entity tag of what is under a key; nil if nothing is.
    public func find(_ key: String) async throws -> (sizeBytes: Int, tag: String)? {
        let (answer, body) = try await ask("HEAD", key)
        if answer.status == 404 { return nil }
        guard answer.isSuccess else { throw refusal(answer, body) }
        guard let sizeBytes = answer.fields["content-length"].flatMap({ Int($0) }) else {
            throw malformed()
        }
        return (sizeBytes, answer.fields["etag"] ?? "")
    }

    /// Writes under a key, on a condition.
    ///
    /// - Parameter tag: The entity tag that must be there now; nil if nothing may be.
    /// - Returns: false if something else is there; nothing is written then.
    public func put(
        _ key: String, _ bytes: [UInt8], replacing tag: String? = nil
    ) async throws -> Bool {
        let condition = tag.map { ["if-match": $0] } ?? ["if-none-match": "*"]
        let (answer, body) = try await ask("PUT", key, fields: condition, body: bytes)
        if answer.status == 412 { return false }
        guard answer.isSuccess else { throw refusal(answer, body) }
        return true
    }

    /// Hands over what is under a key piece by piece, and goes on where it was cut off.
    ///
    /// - Throws: `notFound`; `io` if it is cut off again and again; what `take` throws.
    public func stream(_ key: String, _ take: ([UInt8]) throws -> Void) async throws {
        var offset = 0
        var total: Int?
        var failureCount = 0
        while total.map({ offset < $0 }) ?? true {
            let start = offset
            var refused: (any Error)?
            do {
                total = try await read(key, from: start) { bytes in
                    offset += bytes.count
                    do { try take(bytes) } catch {
                        refused = error
                        throw error
                    }
                }
                guard offset > start || total == offset else { throw cut() }
            } catch let error as LetheError where error.code == .io && refused == nil {
                failureCount = offset > start ? 1 : failureCount + 1
                guard failureCount < Self.attemptCount else { throw error }
                try await wait(200 << failureCount)
            }
        }
    }

    /// Reads from an offset on.
    ///
    /// - Returns: the length of the whole, in bytes.
    private func read(
        _ key: String, from offset: Int, _ take: ([UInt8]) throws -> Void
    ) async throws -> Int {
        var body: [UInt8] = []
        let fields = offset > 0 ? ["range": "bytes=\(offset)-"] : [:]
        let answer = try await transport.send(request("GET", key, fields: fields)) { head, bytes in
            guard head.status == (offset > 0 ? 206 : 200) else {
                if body.count < 1 << 16 { body += bytes }
                return
            }
            if offset > 0, !Self.begins(head, at: offset) { throw malformed() }
            try take(bytes)
        }
        if answer.status == 404 { throw missing(key) }
        if answer.status >= 500 || answer.status == 429 { throw cut() }
        guard answer.status == (offset > 0 ? 206 : 200),
            let count = answer.fields["content-length"].flatMap({ Int($0) })
        else { throw refusal(answer, body) }
        return offset + count
    }

    private static func begins(_ head: BucketAnswer, at offset: Int) -> Bool {
        head.fields["content-range"]?.hasPrefix("bytes \(offset)-") == true
    }

    /// Sends a request as often as it fails for no reason of its own, and waits for all of the
    /// answer.
    func ask(
        _ method: String, _ key: String, query: [(name: String, value: String)] = [],
        fields: [String: String] = [:], body: [UInt8] = []
    ) async throws -> (BucketAnswer, [UInt8]) {
        for attempt in 1... {
            do {
                var content: [UInt8] = []
                let signed = request(method, key, query: query, fields: fields, body: body)
                let answer = try await transport.send(signed) { _, bytes in
                    guard content.count + bytes.count <= Self.documentLimitBytes else {
                        throw malformed()
                    }
                    content += bytes
                }
                // 409 is that somebody else is writing it just now.
                let isPassing =
                    answer.status >= 500 && answer.status != 501
                    || [409, 429].contains(answer.status)
                if !isPassing || attempt == Self.attemptCount { return (answer, content) }
            } catch let error as LetheError where error.code == .io {
                if attempt == Self.attemptCount { throw error }
            }
            try await wait(200 << attempt)
        }
        throw cut()
    }

    private func request(
        _ method: String, _ key: String, query: [(name: String, value: String)] = [],
        fields: [String: String] = [:], body: [UInt8] = []
    ) -> BucketRequest {
        let path = endpoint.path(key)
        let own = fields.merging(["host": endpoint.host]) { $1 }
        let signed = signature.fields(
            method, path: path, query: query, fields: own, body: body, at: now())
        let text = SignatureV4.text(of: query)
        return BucketRequest(
            method: method,
            address:
                "\(endpoint.scheme)://\(endpoint.host)\(path)\(text.isEmpty ? "" : "?" + text)",
            fields: own.merging(signed) { $1 }, body: body)
    }
}
