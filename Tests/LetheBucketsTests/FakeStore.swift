import Crypto
import Foundation
import LetheBuckets
import LetheRecords
import Synchronization

/// An S3 store in memory, for one bucket of one endpoint, that fails where a test says.
final class FakeStore: BucketTransport {
    struct State {
        var objects: [String: [UInt8]] = [:]
        /// Parts by the upload's id; the id ends in the key.
        var uploads: [String: [Int: [UInt8]]] = [:]
        var requests: [BucketRequest] = []
        /// After how many bytes each next answer is cut off.
        var cuts: [Int] = []
        /// The statuses with which the next requests are answered, whatever they want.
        var failures: [Int] = []
        /// From which part on the way is cut off.
        var lastPart = Int.max
    }

    let state = Mutex(State())

    static func settings(_ region: String = "us-east-1") throws -> BucketSettings {
        try BucketSettings(
            environment: [
                "AWS_ACCESS_KEY_ID": "name-of-key", "AWS_SECRET_ACCESS_KEY": "the-secret",
                "AWS_SESSION_TOKEN": "the-token", "AWS_REGION": region,
                "AWS_ENDPOINT_URL": "http://store:1",
            ], home: URL(fileURLWithPath: "/nowhere"))
    }

    func bucket() throws -> Bucket {
        try Bucket(
            "models", settings: Self.settings(), transport: self,
            now: { Timestamp(secondsSince1970: 1_800_000_000) }, wait: { _ in })
    }

    func send(
        _ request: BucketRequest, _ take: (BucketAnswer, [UInt8]) throws -> Void
    ) async throws -> BucketAnswer {
        let (answer, body, cut) = try state.withLock { state in
            state.requests.append(request)
            if !state.failures.isEmpty {
                let status = state.failures.removeFirst()
                return (BucketAnswer(status: status, fields: [:]), [UInt8](), Int?.none)
            }
            let (answer, body) = try Self.answer(request, &state)
            let cut =
                request.method == "GET" && !state.cuts.isEmpty ? state.cuts.removeFirst() : nil
            return (answer, body, cut)
        }
        let sent = body.prefix(cut ?? body.count)
        if !sent.isEmpty { try take(answer, Array(sent)) }
        if sent.count < body.count { throw Self.gone }
        return answer
    }

    private static let gone = LetheError(code: .io, message: "The way is cut off.")

    private static func answer(
        _ request: BucketRequest, _ state: inout State
    ) throws -> (BucketAnswer, [UInt8]) {
        let parts = URLComponents(string: request.address)
        let key = String((parts?.path ?? "").dropFirst("/models/".count))
        let items = parts?.queryItems ?? []
        let query = Dictionary(items.map { ($0.name, $0.value ?? "") }) { $1 }
        let condition = request.fields["if-none-match"]
        switch request.method {
        case "GET" where query["uploads"] != nil:
            let found = state.uploads.keys.filter { $0.hasSuffix(query["prefix"] ?? "") }.map {
                "<Upload><Key>\(query["prefix"] ?? "")</Key><UploadId>\($0)</UploadId></Upload>"
            }
            return (ok(), Array("<Result>\(found.joined())</Result>".utf8))
        case "GET" where query["uploadId"] != nil:
            let found = (state.uploads[query["uploadId"] ?? ""] ?? [:]).sorted { $0.key < $1.key }
                .map {
                    "<Part><PartNumber>\($0.key)</PartNumber><ETag>&quot;\(tag($0.value))&quot;"
                        + "</ETag><Size>\($0.value.count)</Size></Part>"
                }
            return (ok(), Array("<Result>\(found.joined())</Result>".utf8))
        case "POST" where query["uploads"] != nil:
            state.uploads["id-\(key)"] = [:]
            return (ok(), Array("<Result><UploadId>id-\(key)</UploadId></Result>".utf8))
        case "PUT" where query["uploadId"] != nil:
            let number = Int(query["partNumber"] ?? "") ?? 0
            guard number <= state.lastPart else { throw gone }
            state.uploads[query["uploadId"] ?? ""]?[number] = request.body
            return (ok(["etag": "\"\(tag(request.body))\""]), [])
        case "POST":
            guard let parts = state.uploads.removeValue(forKey: query["uploadId"] ?? "") else {
                return (
                    BucketAnswer(status: 404, fields: [:]),
                    Array("<Error><Code>NoSuchUpload</Code></Error>".utf8)
                )
            }
            if condition != nil, state.objects[key] != nil { return (refused(412), []) }
            state.objects[key] = parts.sorted { $0.key < $1.key }.flatMap(\.value)
            return (ok(), Array("<Result></Result>".utf8))
        case "PUT":
            if condition != nil, state.objects[key] != nil { return (refused(412), []) }
            state.objects[key] = request.body
            return (ok(), [])
        case "DELETE":
            state.objects[key] = nil
            if let id = query["uploadId"] { state.uploads[id] = nil }
            return (refused(204), [])
        default: return read(request, state.objects[key])
        }
    }

    private static func read(
        _ request: BucketRequest, _ object: [UInt8]?
    ) -> (BucketAnswer, [UInt8]) {
        guard let object else { return (refused(404), []) }
        if request.method == "HEAD" { return (ok(["content-length": "\(object.count)"]), []) }
        let start = request.fields["range"].flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0
        var fields = ["content-length": "\(object.count - start)"]
        if start > 0 {
            fields["content-range"] = "bytes \(start)-\(object.count - 1)/\(object.count)"
        }
        let status = start > 0 ? 206 : 200
        return (BucketAnswer(status: status, fields: fields), Array(object[start...]))
    }

    private static func ok(_ fields: [String: String] = [:]) -> BucketAnswer {
        BucketAnswer(status: 200, fields: fields)
    }

    private static func refused(_ status: Int) -> BucketAnswer {
        BucketAnswer(status: status, fields: [:])
    }

    private static func tag(_ bytes: [UInt8]) -> String {
        Insecure.MD5.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .joined()
    }
}
