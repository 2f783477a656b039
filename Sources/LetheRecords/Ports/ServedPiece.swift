/// Bytes on their way to somebody far away.
public enum ServedPiece: Sendable {
    /// Bytes that were read.
    case bytes([UInt8])
    /// A run of an object that was found whole before and has not changed since; the operating
    /// system can send it, and nobody has to look at it again.
    case run(any VerifiedObject, Range<Int>)

    /// The length in bytes.
    public var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .run(_, let range): range.count
        }
    }

    /// The bytes.
    ///
    /// - Throws: as `VerifiedObject.read`.
    public func read() throws(LetheError) -> [UInt8] {
        switch self {
        case .bytes(let bytes): bytes
        case .run(let object, let range): try object.read(range)
        }
    }
}

/// An open object of the store that was found whole.
public protocol VerifiedObject: Sendable {
    /// Reads a run of it.
    ///
    /// - Throws: `integrity` if it has changed since, `io`.
    func read(_ range: Range<Int>) throws(LetheError) -> [UInt8]

    /// A descriptor of the operating system of its own, for whoever sends the object; to be closed
    /// by that one.
    ///
    /// - Throws: `io` if there are too many.
    func duplicate() throws(LetheError) -> CInt
}
