import Foundation
import LetheRecords
import Synchronization
import TestSupport

@testable import LetheStorage

/// Keys in memory; the first of a line is made when it is asked for.
final class MemoryKeys: ObjectKeySource {
    private let lines = Mutex<[String: [ObjectKey]]>([:])

    private let gone = Mutex<[String]>([])

    var name: String { "memory" }

    func destroyedKeys() -> [String] { gone.withLock { $0 } }

    func objectKeys() -> [ObjectKey] { lines.withLock { $0.values.flatMap { $0 } } }

    func writingKey(of line: String) throws(LetheError) -> ObjectKey {
        if let newest = lines.withLock({ $0[line]?.last }) { return newest }
        return try add(to: line)
    }

    /// The key that follows another one; made when it is asked for.
    func newest(of line: String, after old: ObjectKey) throws(LetheError) -> ObjectKey {
        let newest = try writingKey(of: line)
        return newest.identifier == old.identifier ? try add(to: line) : newest
    }

    @discardableResult
    func add(to line: String) throws(LetheError) -> ObjectKey {
        let key = try ObjectKey(bytes: (0..<32).map { _ in UInt8.random(in: 0...255) })
        lines.withLock { $0[line, default: []].append(key) }
        return key
    }

    func destroy(_ key: ObjectKey) {
        gone.withLock { $0.append(key.fingerprint) }
        lines.withLock { lines in
            lines = lines.mapValues { $0.filter { $0.identifier != key.identifier } }
        }
    }
}

/// A suite with a registry whose objects are encrypted with keys in memory.
protocol EncryptedSuite {
    var fixture: StorageFixture { get }
    var keys: MemoryKeys { get }
}

extension EncryptedSuite {
    func open(_ keys: MemoryKeys? = nil) throws(LetheError) -> RegistryStorage {
        let vault = ObjectVault()
        vault.use(keys ?? self.keys)
        return try fixture.open().encrypted(with: vault)
    }

    func put(
        _ bytes: [UInt8], of line: String = "faces", in storage: RegistryStorage
    ) throws -> Digest {
        let batch = storage.objects.batch(of: line)
        let digest = try batch.put(bytes)
        try batch.makeDurable()
        return digest
    }

    func bytes(_ count: Int) -> [UInt8] {
        var state = UInt32(truncatingIfNeeded: count) &+ 7
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
    }

    /// Changes the file of an object behind the store's back.
    func change(
        _ digest: Digest, in storage: RegistryStorage, _ body: (inout [UInt8]) -> Void
    ) throws {
        let url = storage.objects.url(of: digest)
        var file = [UInt8](try Data(contentsOf: url))
        body(&file)
        try FileManager.default.removeItem(at: url)
        try Data(file).write(to: url)
    }
}
