internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// The bytes of a registry in a bucket, asked through `lethe-remote store`, which has the HTTP
/// client and the keys.
struct BucketStore {
    /// The longest description of a registry: texts, no versions.
    private static let stateLimitBytes = 64 << 20

    private let channel: FrameChannel
    /// Its objects.
    let objects: ExchangeQuestions

    init(_ channel: FrameChannel) {
        self.channel = channel
        objects = ExchangeQuestions(channel: channel)
    }

    /// What the registry shows of itself, and the tag by which it is replaced.
    ///
    /// - Throws: `notFound` if nobody has pushed to it yet.
    func state() throws(LetheError) -> (state: RemoteState, tag: String) {
        let bytes = try channel.ask(.state, limitBytes: Self.stateLimitBytes)
        guard let end = bytes.firstIndex(of: 0x0A) else {
            throw LetheError(code: .malformed, message: "\(channel.name) says no tag.")
        }
        return (
            try RemoteState.read(canonical: Array(bytes[(end + 1)...])),
            String(decoding: bytes[..<end], as: UTF8.self)
        )
    }

    /// Writes what the registry shows of itself, if it is still what it was.
    ///
    /// - Parameter tag: The tag of what is there; nil if nothing may be.
    /// - Throws: `conflict` if somebody else was first.
    func write(_ state: RemoteState, replacing tag: String?) throws(LetheError) {
        try channel.send(.write, Array((tag ?? "").utf8))
        try channel.sendData(state.canonicalBytes())
        try channel.send(.end)
        _ = try channel.hear(limitBytes: 64)
    }

    /// Sends an object, unless it is there.
    ///
    /// - Returns: whether it was sent.
    /// - Throws: `integrity` if it is damaged here or something else is there under its name.
    func put(
        _ object: ErasedObject, from store: ObjectStore, _ onBytes: (Int) -> Void
    ) throws(LetheError) -> Bool {
        let order: JSONValue = [
            "digest": .string(object.digest.hex), "sizeBytes": .number(Double(object.sizeBytes)),
        ]
        let answer = try channel.ask(.put, CanonicalJSON.encode(order), limitBytes: 64)
        guard answer == Array("send".utf8) else { return false }
        do throws(LetheError) {
            try store.stream(object.digest) { (piece) throws(LetheError) in
                try channel.sendData(piece)
                onBytes(piece.count)
            }
        } catch {
            // It answers that it has thrown away what came.
            try channel.send(error)
            _ = try channel.hear(limitBytes: 64)
            throw error
        }
        try channel.send(.end)
        return try channel.hear(limitBytes: 64) == Array("sent".utf8)
    }

    /// Removes an object for good.
    ///
    /// - Throws: `refused` if the keys may not.
    func remove(_ digest: Digest) throws(LetheError) {
        _ = try channel.ask(.remove, Array(digest.hex.utf8), limitBytes: 64)
    }

    /// Ends the conversation.
    func end() throws(LetheError) { try channel.send(.end) }
}

extension BucketPlace {
    /// Starts what speaks for the bucket.
    ///
    /// - Throws: `notFound` if it is not beside this program.
    func start() throws(LetheError) -> ChildProgram {
        try ChildProgram(beside: "lethe-remote", ["store", text], name: text)
    }

    /// Lays out the registry for a transfer.
    func shadow(
        _ state: RemoteState, for borrower: RegistryStorage?
    ) throws(LetheError) -> Shadow {
        let lines = try lineage.lines()
        return try Shadow(state.texts, for: borrower) { (layout, lender) throws(LetheError) in
            try Lineage.createShadow(layout, lender: lender, references: [])
            try lineage.copy(lines.keys, into: layout)
        }
    }
}
