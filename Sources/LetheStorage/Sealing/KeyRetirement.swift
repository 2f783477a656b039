internal import Foundation
public import LetheRecords

/// Encrypts anew whatever is there under old keys, so that these can be destroyed.
///
/// Everything that is there is kept, needed or not: what shall go has to be erased before.
public struct KeyRetirement {
    /// Keys that go, and the one that takes their place.
    public typealias Replacement = (old: [ObjectKey], new: ObjectKey)

    /// So many objects, or so many bytes, become durable together.
    private static let mostTogether = (count: 64, sizeBytes: 64 << 20)

    private let storage: RegistryStorage

    /// Prepares to retire keys of a registry.
    public init(_ storage: RegistryStorage) {
        self.storage = storage
    }

    /// Waits until no writer has objects on their way, encrypts anew, and has the keys destroyed.
    ///
    /// - Parameters:
    ///   - choose: Gives the keys that go, asked when nobody writes any more.
    ///   - destroy: Destroys keys under which nothing is left.
    /// - Returns: how many objects were encrypted anew.
    /// - Throws: `integrity` for an object that is damaged, `keyMissing`, `io`; no key is destroyed
    ///   then, and running it again goes on.
    public func run(
        choosing choose: () throws(LetheError) -> [Replacement],
        destroying destroy: ([ObjectKey]) throws(LetheError) -> Void,
        progress: ProgressHandler = { _ in }
    ) throws(LetheError) -> Int {
        // Nobody needs to be waited for if nothing is to be done.
        guard try !choose().isEmpty else { return 0 }
        let lock = try KeyLock(storage.objects.keyLock, isShared: false)
        defer { withExtendedLifetime(lock) {} }
        let replacements = try choose()
        var newKeys: [[UInt8]: ObjectKey] = [:]
        for (old, new) in replacements {
            for key in old { newKeys[key.identifier] = new }
        }
        var found: [(object: EncryptedObject, key: ObjectKey)] = []
        try storage.objects.eachEncrypted { object in
            if let key = newKeys[object.key] { found.append((object, key)) }
        }
        var start = 0
        while start < found.count {
            let end = Self.end(of: found[start...].map(\.object.sizeBytes)) + start
            try renew(found[start..<end])
            start = end
            progress(
                Progress(phase: "encrypting anew (objects)", done: end, total: found.count))
        }
        try destroy(replacements.flatMap(\.old))
        return found.count
    }

    /// How many of the first objects become durable together.
    private static func end(of sizesBytes: [Int]) -> Int {
        var sum = 0
        for (count, sizeBytes) in sizesBytes.prefix(mostTogether.count).enumerated() {
            sum += sizeBytes
            if sum >= mostTogether.sizeBytes { return count + 1 }
        }
        return min(sizesBytes.count, mostTogether.count)
    }

    private func renew(
        _ objects: ArraySlice<(object: EncryptedObject, key: ObjectKey)>
    ) throws(LetheError) {
        let store = storage.objects
        // Whoever erases or collects leaves alone what is leased, so nothing comes back.
        let lease = try store.leases.lease()
        try lease.take(objects.map(\.object.digest))
        defer { withExtendedLifetime(lease) {} }
        let staged = StagedFiles(in: store.temporary, files: storage.files)
        for (object, key) in objects where store.contains(object.digest) {
            let path = try staged.nextPath()
            var writer = try ObjectWriter(path, key: key, files: storage.files)
            try store.stream(object.digest) { (piece) throws(LetheError) in
                try writer.write(piece)
            }
            try writer.finish()
            staged.add(path, as: store.path(of: object.digest))
        }
        try staged.makeDurable()
    }
}
