internal import Crypto

/// The secret that ties commitments to samples; destroying it unties them for good.
///
/// It never enters a registry, a log or a message: printing it gives a fixed word.
public struct CommitmentKey: Sendable, CustomStringConvertible, CustomReflectable {
    private let key: SymmetricKey

    /// Takes 32 secret bytes.
    ///
    /// - Throws: `invalidArgument` for another length.
    public init(bytes: [UInt8]) throws(LetheError) {
        guard bytes.count == 32 else {
            throw LetheError(
                code: .invalidArgument,
                message: "A commitment key has 32 bytes, this one has \(bytes.count).",
                remedy: "Make one with lethe init.")
        }
        key = SymmetricKey(data: bytes)
    }

    /// HMAC-SHA-256 (RFC 2104) of one sample's bytes under a domain label.
    public func commitment(to sample: [UInt8], domain: String) -> Digest {
        var authenticator = HMAC<SHA256>(key: key)
        authenticator.update(data: Array(domain.utf8) + [0])
        authenticator.update(data: sample)
        return Digest(raw: Array(authenticator.finalize()))
    }

    /// The commitment to a sample's bytes as they lie in its dataset.
    public func commitment(toSample sample: [UInt8]) -> Digest {
        commitment(to: sample, domain: "lethe.sample.v1")
    }

    /// Never the key.
    public var description: String { "(commitment key)" }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension CommitmentKey {
    /// A name for the key that tells nothing about it: sixteen digits of HMAC(key, "identifier").
    public var identifier: String {
        String(commitment(to: [], domain: "lethe.key-identifier.v1").hex.prefix(16))
    }
}
