public import Foundation
internal import LetheCertificates
public import LetheRecords
public import LetheStorage

/// A key that a clone trusts because its origin does.
public struct AdoptedKey: Sendable, Hashable {
    /// The fingerprint, as `ssh-keygen -l` prints it.
    public let fingerprint: String
    /// What the key may sign.
    public let role: String
}

/// What a clone is.
public struct CloneOutcome: Sendable {
    /// The new registry.
    public let registry: Registry
    /// What travelled.
    public internal(set) var report: TransferReport
    /// The keys that were taken over; a person compares them with what the owner says.
    public let adopted: [AdoptedKey]
    /// Where it came from.
    public let origin: RegistryOrigin
}

extension Registry {
    /// The file that says where a clone came from.
    public static let originName = "origin.json"

    /// Makes a registry of its own, with its own id and keys, that has every line of another and
    /// trusts the keys that the other trusts.
    ///
    /// A clone that was interrupted goes on when it is called again with the same keys.
    ///
    /// - Parameters:
    ///   - address: The registry that is cloned.
    ///   - pins: Fingerprints of operators' keys, one of which must have signed the other's
    ///     trusted keys; empty to trust on first use.
    ///   - makeKeys: Gives the clone's keys; `begin` makes its registry with them, unless
    ///     an interrupted call did.
    /// - Throws: `refused` if another key signed than those pinned, `integrity` if the trusted
    ///   keys are not what their operator signed, `alreadyExists` if `root` is something else;
    ///   `io` if the way is cut off.
    public static func clone(
        _ address: RemoteAddress, to root: URL, pins: [String], now: Timestamp,
        makeKeys: (_ begin: (KeyFolder) throws(LetheError) -> Registry) throws(LetheError)
            -> KeyFolder,
        beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in },
        progress: @escaping ProgressHandler
    ) throws(LetheError) -> CloneOutcome {
        try address.withSource(for: nil) { (source) throws(LetheError) in
            let begin = { (keys: KeyFolder) throws(LetheError) in
                try beginClone(
                    source.layout.root, to: root, pins: pins, keys: keys, now: now,
                    beforeStep: beforeStep)
            }
            let keys = try makeKeys { (keys) throws(LetheError) in try begin(keys).registry }
            var outcome = try begin(keys)
            outcome.report = try outcome.registry.take(
                [], from: source, keys: keys, now: now, progress: progress)
            return outcome
        }
    }

    /// Makes the registry of a clone, without any version yet; `clone` goes on with it.
    ///
    /// - Throws: as `clone`. Nothing is left then.
    public static func beginClone(
        _ source: URL, to root: URL, pins: [String] = [], keys: KeyFolder, now: Timestamp,
        beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in }
    ) throws(LetheError) -> CloneOutcome {
        let source = try RegistrySource(source)
        let (trusted, signer) = try source.sealedKeys()
        try refuse(signer, unlessPinned: pins)
        let origin = RegistryOrigin(
            registry: source.description.id, operatorKey: signer.identifier, created: now)
        let begun = try interrupted(at: root, from: origin, beforeStep)
        let registry =
            if let begun { begun } else {
                try create(
                    at: root, defaults: source.storage.layout.root,
                    policy: source.description.policy, keys: keys, now: now,
                    adopting: trusted.entries, origin: origin, beforeStep: beforeStep)
            }
        return CloneOutcome(
            registry: registry, report: TransferReport(),
            adopted: trusted.entries.map {
                AdoptedKey(fingerprint: $0.key.identifier, role: $0.role.rawValue)
            },
            origin: origin)
    }

    /// Where this registry was cloned from; nil if it was not.
    public func origin() throws(LetheError) -> RegistryOrigin? {
        let url = storage.layout.root.appending(path: Self.originName)
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        return try RegistryOrigin.read(canonical: storage.files.readFile(url))
    }

    private static func refuse(
        _ signer: VerifyingKey, unlessPinned pins: [String]
    ) throws(LetheError) {
        guard !pins.isEmpty, !pins.contains(signer.identifier) else { return }
        throw LetheError(
            code: .refused,
            message: "The trusted keys of that registry are signed by \(signer.identifier), not by "
                + "\(pins.joined(separator: " or ")).",
            remedy: "Ask its owner which key is right; nothing was cloned.")
    }

    /// The clone of the same registry that an earlier call began.
    private static func interrupted(
        at root: URL, from origin: RegistryOrigin, _ beforeStep: @escaping BeforeStep
    ) throws(LetheError) -> Registry? {
        let file = root.appending(path: originName)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        let registry = try Registry(opening: root, beforeStep: beforeStep)
        guard let found = try registry.origin(), found.registry == origin.registry,
            found.operatorKey == origin.operatorKey
        else {
            throw LetheError(
                code: .alreadyExists, message: "\(root.path) is a clone of another registry.",
                remedy: "Name a new folder.")
        }
        return registry
    }
}
