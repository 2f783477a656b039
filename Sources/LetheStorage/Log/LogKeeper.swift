public import LetheRecords

/// What the log needs from above: who signs its checkpoints, whom it trusts, what came before it.
///
/// This module knows no keys, so signing and checking are handed in.
public struct LogKeeper: Sendable {
    /// Signs a checkpoint; gives the bytes of the file.
    public typealias Signer = @Sendable (Checkpoint) throws(LetheError) -> [UInt8]
    /// Reads a checkpoint file and refuses one that no trusted key signed.
    public typealias Opener = @Sendable ([UInt8]) throws(LetheError) -> Checkpoint
    /// The entries of every version that is there already, each line in order.
    public typealias History = @Sendable () throws(LetheError) -> [LogLeaf]

    /// The log's name.
    let origin: String
    /// Whether a missing log means that somebody removed it.
    let isExpected: Bool
    let sign: Signer
    let open: Opener
    let history: History

    /// Takes what the log needs.
    ///
    /// - Parameters:
    ///   - origin: The log's name.
    ///   - isExpected: Whether a log that is not there is damage; otherwise the registry is older
    ///     than its log, which starts with the next write.
    public init(
        origin: String, isExpected: Bool, sign: @escaping Signer, open: @escaping Opener,
        history: @escaping History
    ) {
        self.origin = origin
        self.isExpected = isExpected
        self.sign = sign
        self.open = open
        self.history = history
    }
}
