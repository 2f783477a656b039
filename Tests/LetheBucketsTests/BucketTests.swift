import LetheBuckets
import LetheRecords
import Synchronization
import Testing

@Suite("A bucket, over a store in memory")
struct BucketTests {
    private let store = FakeStore()
    private let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    @Test("A download that is cut off goes on where it was, and gives up when nothing comes")
    func download() async throws {
        let bucket = try store.bucket()
        #expect(try await bucket.put("a/b", bytes))
        store.state.withLock { $0.cuts = [0, 300, 0, 0, 699] }
        var found: [UInt8] = []
        try await bucket.stream("a/b") { found += $0 }
        #expect(found == bytes)
        let ranges = store.state.withLock { $0.requests.compactMap { $0.fields["range"] } }
        #expect(ranges == ["bytes=300-", "bytes=300-", "bytes=300-", "bytes=999-"])
        store.state.withLock { $0.cuts = Array(repeating: 0, count: 100) }
        let error = await #expect(throws: LetheError.self) {
            try await bucket.stream("a/b") { _ in }
        }
        #expect(error?.code == .io)
    }

    @Test("What the reader refuses is not asked for again")
    func refusingReader() async throws {
        let bucket = try store.bucket()
        #expect(try await bucket.put("a", bytes))
        let count = store.state.withLock { $0.requests.count }
        let error = await #expect(throws: LetheError.self) {
            try await bucket.stream("a") { _ in
                throw LetheError(code: .io, message: "The reader has gone.")
            }
        }
        #expect(error?.message == "The reader has gone.")
        #expect(store.state.withLock { $0.requests.count } == count + 1)
    }

    @Test("Nothing is written over, and what is not there is said to be so")
    func conditions() async throws {
        let bucket = try store.bucket()
        #expect(try await bucket.put("a", [1]))
        #expect(try await !bucket.put("a", [2]))
        #expect(store.state.withLock { $0.objects["a"] } == [1])
        #expect(try await bucket.find("b") == nil)
        #expect(try await bucket.find("a")?.sizeBytes == 1)
        let error = await #expect(throws: LetheError.self) { try await bucket.stream("b") { _ in } }
        #expect(error?.code == .notFound)
        try await bucket.remove("a")
        #expect(try await bucket.find("a") == nil)
    }

    @Test("A store that is busy is asked again; one that refuses is not, and no secret is told")
    func refusals() async throws {
        let bucket = try store.bucket()
        store.state.withLock { $0.failures = [503, 500, 429] }
        #expect(try await bucket.put("a", [1]))
        store.state.withLock { $0.failures = [403] }
        let error = await #expect(throws: LetheError.self) { try await bucket.find("a") }
        #expect(error?.code == .refused)
        let text = error?.description ?? ""
        let signature = store.state.withLock { $0.requests.last?.fields["authorization"] } ?? "none"
        for secret in ["the-secret", "the-token", "name-of-key", signature] {
            #expect(!text.contains(secret))
        }
        #expect(signature.hasPrefix("AWS4-HMAC-SHA256"))
    }

    @Test("An upload in parts that was cut off goes on, and sends only what is lacking")
    func parts() async throws {
        let bucket = try store.bucket()
        let long = (0..<(2 * ObjectUpload.partSizeBytes + 5)).map { UInt8(truncatingIfNeeded: $0) }
        let digest = Digest(hashing: long)
        store.state.withLock { $0.lastPart = 1 }
        let error = await #expect(throws: LetheError.self) {
            var upload = try await ObjectUpload(
                digest, sizeBytes: long.count, under: "k", in: bucket)
            try await upload.add(long)
            _ = try await upload.finish()
        }
        #expect(error?.code == .io)
        #expect(store.state.withLock { $0.objects["k"] == nil && $0.uploads.count == 1 })
        store.state.withLock { $0.lastPart = .max }
        var upload = try await ObjectUpload(digest, sizeBytes: long.count, under: "k", in: bucket)
        try await upload.add(Array(long.prefix(100)))
        try await upload.add(Array(long.dropFirst(100)))
        #expect(try await upload.finish() && upload.reusedCount == 1)
        #expect(store.state.withLock { $0.objects["k"] == long && $0.uploads.isEmpty })
    }

    @Test("A part that is damaged there is sent again, and other bytes than announced never appear")
    func damagedParts() async throws {
        let bucket = try store.bucket()
        let long = [UInt8](repeating: 3, count: ObjectUpload.partSizeBytes + 1)
        let digest = Digest(hashing: long)
        let damaged = [UInt8](repeating: 4, count: ObjectUpload.partSizeBytes)
        store.state.withLock { $0.uploads = ["id-k": [1: damaged]] }
        var upload = try await ObjectUpload(digest, sizeBytes: long.count, under: "k", in: bucket)
        try await upload.add(long)
        #expect(try await upload.finish() && upload.reusedCount == 0)
        #expect(store.state.withLock { $0.objects["k"] } == long)
        for wrong in [Array(long.dropLast()), long.dropLast() + [9]] {
            var upload = try await ObjectUpload(
                digest, sizeBytes: long.count, under: "other", in: bucket)
            try await upload.add(wrong)
            var error: LetheError?
            do {
                _ = try await upload.finish()
            } catch let found as LetheError {
                error = found
            }
            #expect(error?.code == .integrity)
            #expect(store.state.withLock { $0.objects["other"] == nil && $0.uploads.isEmpty })
        }
    }
}
