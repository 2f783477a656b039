internal import LetheRecords

/// Uploads in parts (Amazon S3 API Reference: CreateMultipartUpload, ListMultipartUploads,
/// ListParts, UploadPart, CompleteMultipartUpload, AbortMultipartUpload).
extension Bucket {
    func beginUpload(of key: String) async throws -> String {
        let text = try await document("POST", key, query: [("uploads", "")])
        guard let id = BucketText.first("UploadId", in: text), !id.isEmpty else {
            throw malformed()
        }
        return id
    }

    /// The newest upload of a key that was begun and not finished.
    func unfinishedUpload(of key: String) async throws -> String? {
        let text = try await document("GET", "", query: [("uploads", ""), ("prefix", key)])
        return BucketText.all("Upload", in: text)
            .filter { BucketText.first("Key", in: $0) == key }
            .max {
                (BucketText.first("Initiated", in: $0) ?? "")
                    < (BucketText.first("Initiated", in: $1) ?? "")
            }
            .flatMap { BucketText.first("UploadId", in: $0) }
    }

    /// The parts that an upload has, by their numbers.
    func parts(
        of key: String, _ id: String
    ) async throws -> [(number: Int, tag: String, sizeBytes: Int)] {
        var found: [(number: Int, tag: String, sizeBytes: Int)] = []
        while true {
            let after = found.last.map { [("part-number-marker", "\($0.number)")] } ?? []
            let text = try await document("GET", key, query: [("uploadId", id)] + after)
            let before = found.count
            for part in BucketText.all("Part", in: text) {
                guard let number = BucketText.first("PartNumber", in: part).flatMap({ Int($0) }),
                    let tag = BucketText.first("ETag", in: part),
                    let sizeBytes = BucketText.first("Size", in: part).flatMap({ Int($0) }),
                    number > found.last?.number ?? 0
                else { throw malformed() }
                found.append((number, tag, sizeBytes))
            }
            let isMore = BucketText.first("IsTruncated", in: text) == "true"
            if !isMore || found.count == before { return found }
        }
    }

    func sendPart(
        _ bytes: [UInt8], number: Int, of key: String, _ id: String
    ) async throws -> String {
        let query = [("partNumber", "\(number)"), ("uploadId", id)]
        let (answer, body) = try await ask("PUT", key, query: query, body: bytes)
        guard answer.isSuccess else { throw refusal(answer, body) }
        guard let tag = answer.fields["etag"] else { throw malformed() }
        return tag
    }

    /// Puts an upload together.
    ///
    /// - Returns: false if something is under the key already.
    func finishUpload(of key: String, _ id: String, tags: [String]) async throws -> Bool {
        let parts = tags.enumerated().map {
            "<Part><PartNumber>\($0 + 1)</PartNumber>"
                + "<ETag>\(BucketText.escaped($1))</ETag></Part>"
        }
        let order =
            "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>"
        let (answer, body) = try await ask(
            "POST", key, query: [("uploadId", id)], fields: ["if-none-match": "*"],
            body: Array(order.utf8))
        let text = String(decoding: body, as: UTF8.self)
        // S3 begins to answer before it knows how it ends.
        let failure = BucketText.first("Error", in: text).flatMap {
            BucketText.first("Code", in: $0)
        }
        if answer.isSuccess, failure == nil { return true }
        // Whoever finished the same upload first has taken it away.
        let isDone = [409, 412].contains(answer.status) || failure == "NoSuchUpload"
        guard isDone, try await find(key) != nil else { throw refusal(answer, body) }
        return false
    }

    func abandonUpload(of key: String, _ id: String) async throws {
        _ = try await ask("DELETE", key, query: [("uploadId", id)])
    }

    private func document(
        _ method: String, _ key: String, query: [(name: String, value: String)]
    ) async throws -> String {
        let (answer, body) = try await ask(method, key, query: query)
        guard answer.isSuccess else { throw refusal(answer, body) }
        return String(decoding: body, as: UTF8.self)
    }
}
