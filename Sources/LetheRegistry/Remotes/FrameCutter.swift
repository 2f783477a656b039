public import LetheRecords

/// Cuts bytes that arrive in any pieces where a frame ends, so that something else can be said
/// between two frames.
public struct FrameCutter: Sendable {
    /// What messages call the side that sends.
    private let name: String
    private var rest: [UInt8] = []

    /// Begins at the beginning of a frame.
    public init(name: String) { self.name = name }

    /// The frames that are whole now.
    ///
    /// - Throws: `malformed` for a frame that is too long to be one.
    public mutating func take(_ bytes: [UInt8]) throws(LetheError) -> [UInt8] {
        rest += bytes
        var end = 0
        while rest.count - end >= FrameChannel.headSizeBytes {
            let length = rest[(end + 1)..<(end + FrameChannel.headSizeBytes)]
                .reduce(0) { $0 << 8 | Int($1) }
            guard length <= FrameChannel.limitBytes else {
                throw LetheError(
                    code: .malformed, message: "\(name) does not speak as Lethe does.",
                    remedy: "Is that the address of a Lethe server?")
            }
            guard rest.count - end >= FrameChannel.headSizeBytes + length else { break }
            end += FrameChannel.headSizeBytes + length
        }
        defer { rest.removeFirst(end) }
        return Array(rest[..<end])
    }
}
