public import LetheRecords
internal import Synchronization

/// Where object keys come from; a folder outside the registry.
public protocol ObjectKeySource: Sendable {
    /// What messages call it.
    var name: String { get }
    /// Every key that is there.
    func objectKeys() throws(LetheError) -> [ObjectKey]
    /// The fingerprints of keys that were destroyed.
    func destroyedKeys() throws(LetheError) -> [String]
    /// The newest key of a line; a new one if the line has none.
    func writingKey(of line: String) throws(LetheError) -> ObjectKey
}

/// The object keys that an open registry has at hand.
public final class ObjectVault: Sendable {
    private struct State {
        var source: (any ObjectKeySource)?
        var keys: [[UInt8]: ObjectKey] = [:]
    }

    private let state = Mutex(State())

    /// Has no keys.
    public init() {}

    /// Takes keys from here from now on.
    public func use(_ source: any ObjectKeySource) {
        state.withLock { $0 = State(source: source) }
    }

    /// Whether there is a key at hand, or was one before it was destroyed.
    var hasKeys: Bool {
        guard let source = state.withLock({ $0.source }) else { return false }
        let isEmpty = (try? source.objectKeys().isEmpty && source.destroyedKeys().isEmpty) ?? false
        return !isEmpty
    }

    /// The key that an object says it is encrypted with.
    ///
    /// When it is not among those known, all are read anew, and those that are gone are forgotten.
    ///
    /// - Throws: `keyMissing`, saying whether it was destroyed; `refused`, `malformed` or `io` for
    ///   keys that cannot be read.
    func key(_ identifier: [UInt8], of object: Digest) throws(LetheError) -> ObjectKey {
        let (known, source) = state.withLock { ($0.keys[identifier], $0.source) }
        if let known { return known }
        guard let source else {
            throw Self.missing("The object \(object)", "cannot be read: no keys are named")
        }
        let found = try source.objectKeys()
        let keys = Dictionary(found.map { ($0.identifier, $0) }) { first, _ in first }
        state.withLock { $0.keys = keys }
        if let key = keys[identifier] { return key }
        let fingerprint = Hex.encode(identifier)
        let what = "The object \(object) is encrypted with the key \(fingerprint), which"
        if try source.destroyedKeys().contains(fingerprint) { throw Self.destroyed(what) }
        throw Self.missing(what, "is not among the \(found.count) object keys in \(source.name)")
    }

    /// The key that new objects of a line are encrypted with.
    ///
    /// - Throws: `keyMissing` if no keys are named or the objects are of no line; `io`, `refused`.
    func writingKey(of line: String?) throws(LetheError) -> ObjectKey {
        guard let line else {
            throw Self.missing("A new object", "belongs to no line that has keys")
        }
        guard let source = state.withLock({ $0.source }) else {
            throw Self.missing("A new object of \(line)", "cannot be encrypted: no keys are named")
        }
        return try source.writingKey(of: line)
    }

    private static func destroyed(_ what: String) -> LetheError {
        LetheError(
            code: .keyMissing, message: "\(what) was destroyed.",
            remedy: "Nobody can read it any more. If a version needs it, publish its file again.")
    }

    private static func missing(_ what: String, _ why: String) -> LetheError {
        LetheError(
            code: .keyMissing, message: "\(what) \(why).",
            remedy: "Name the folder of this registry's private keys in LETHE_KEYS, or restore it "
                + "from a backup of the keys.")
    }
}
