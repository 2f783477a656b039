import Foundation
import LetheBuckets
import LetheRecords
import TestSupport
import Testing

@Suite("Signatures of requests to S3")
struct SignatureTests {
    @Test("They are those of botocore (scripts/golden/bucket_signatures.py)")
    func golden() throws {
        let url = Locations.fixtures.appending(path: "buckets/signatures.json")
        let value = try StrictJSON.parse([UInt8](Data(contentsOf: url)))
        let moment = try #require(Timestamp(value["moment"]?.stringValue ?? ""))
        let requests = try #require(value["requests"]?.arrayValue)
        #expect(requests.count == 16)
        for request in requests {
            func text(_ name: String) -> String { request[name]?.stringValue ?? "" }
            let keys = BucketKeys(
                name: value["key"]?.stringValue ?? "", secret: value["secret"]?.stringValue ?? "",
                token: request["token"]?.stringValue)
            let query = (request["query"]?.arrayValue ?? []).map {
                (
                    name: $0.arrayValue?[0].stringValue ?? "",
                    value: $0.arrayValue?[1].stringValue ?? ""
                )
            }
            var fields: [String: String] = [:]
            for name in ["host", "if-none-match", "range", "x-amz-meta-a"] {
                fields[name] = request["fields"]?[name]?.stringValue
            }
            let found = SignatureV4(keys: keys, region: text("region")).fields(
                text("method"), path: text("path"), query: query, fields: fields,
                body: Array(text("body").utf8), at: moment)
            #expect(found["authorization"] == text("authorization"), "\(text("path"))")
            #expect(found["x-amz-content-sha256"] == text("digest"))
            #expect(found["x-amz-security-token"] == request["token"]?.stringValue)
        }
    }
}
