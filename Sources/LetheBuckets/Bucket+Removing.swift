internal import LetheRecords

/// Removing for good, in buckets that keep versions, too: there an ordinary removal only hides what
/// is under a key (Amazon S3 User Guide, "Working with delete markers").
extension Bucket {
    /// So often versions are listed and removed before it is given up.
    private static let roundLimit = 100

    /// Whether a key has bytes at all, hidden ones included.
    public func keeps(_ key: String) async throws -> Bool {
        let (answer, body) = try await ask("HEAD", key)
        if answer.status == 404 { return answer.fields[Self.marker] == "true" }
        guard answer.isSuccess else { throw refusal(answer, body) }
        return true
    }

    /// Removes what is under a key, with every version of it where the bucket keeps versions.
    ///
    /// - Throws: `refused` if the keys may not; `io` if versions stay all the same.
    public func remove(_ key: String) async throws {
        let answer = try await removeOne(key, [])
        guard answer.fields[Self.marker] != nil || answer.fields["x-amz-version-id"] != nil else {
            return
        }
        for _ in 0..<Self.roundLimit {
            let versions = try await versions(of: key)
            if versions.isEmpty { return }
            for version in versions { _ = try await removeOne(key, [("versionId", version)]) }
        }
        throw cut()
    }

    private static var marker: String { "x-amz-delete-marker" }

    private func removeOne(
        _ key: String, _ query: [(name: String, value: String)]
    ) async throws -> BucketAnswer {
        let (answer, body) = try await ask("DELETE", key, query: query)
        guard answer.isSuccess || answer.status == 404 else { throw refusal(answer, body) }
        return answer
    }

    /// Versions and markers; no other key begins with this one, which ends in a whole digest.
    private func versions(of key: String) async throws -> [String] {
        let query = [("versions", ""), ("prefix", key)]
        let (answer, body) = try await ask("GET", "", query: query)
        guard answer.isSuccess else { throw refusal(answer, body) }
        return BucketText.all("VersionId", in: String(decoding: body, as: UTF8.self))
            .map(BucketText.plain)
    }
}
