public import LetheRecords

/// A checkpoint in its signed note: the file `log/checkpoint`.
///
/// The name of the key is the log's origin, as C2SP tlog-checkpoint asks.
public enum SignedCheckpoint {
    /// The name of the log of a registry.
    public static func origin(registry id: String) -> String { "lethe/\(id)" }

    /// Signs a checkpoint with the operator's key.
    ///
    /// - Throws: `invalidArgument` for an origin that is no key name, `io`.
    public static func sign(
        _ checkpoint: Checkpoint, with key: SigningKey
    ) throws(LetheError) -> [UInt8] {
        try SignedNote(signing: checkpoint.text, as: checkpoint.origin, with: key).bytes
    }

    /// Reads a checkpoint and checks that a trusted operator signed it.
    ///
    /// - Parameter origin: The log that it must be of; nil for any whose operator is trusted.
    /// - Throws: `malformed`; `integrity` if it was changed; `refused` if no trusted operator
    ///   signed it or it is another log's.
    public static func open(
        _ bytes: [UInt8], trusted: TrustedKeys, origin: String? = nil
    ) throws(LetheError) -> Checkpoint {
        let note = try SignedNote(bytes: bytes)
        let checkpoint = try Checkpoint(text: note.text)
        guard origin == nil || origin == checkpoint.origin else {
            throw LetheError(
                code: .refused,
                message: "The checkpoint is of the log \(checkpoint.origin), not of "
                    + "\(origin ?? "").",
                remedy: "Compare with a checkpoint of this registry.")
        }
        guard NoteKey.isValid(checkpoint.origin) else {
            throw LetheError(
                code: .malformed,
                message: "The checkpoint is of a log whose name no key can have.",
                remedy: "Take log/checkpoint of the registry, or what lethe audit --save wrote.")
        }
        var keys: [NoteKey] = []
        for key in trusted.keys(of: .operator) {
            keys.append(try NoteKey(name: checkpoint.origin, key: key))
        }
        try note.check(keys)
        return checkpoint
    }
}
