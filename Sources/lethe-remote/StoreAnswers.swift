internal import LetheBuckets
internal import LetheRecords
internal import LetheRegistry

/// The side of a conversation that has a bucket: it does what it is asked and decides nothing.
struct StoreAnswers {
    /// Where the description of the registry is, below the prefix.
    private static let stateKey = "state.json"

    let channel: FrameChannel
    let transport: Transport
    let bucket: Bucket
    let prefix: String

    /// Answers until the other side is done.
    ///
    /// - Throws: `io` if it goes without a word.
    func run() async throws {
        while true {
            let question = try channel.receive()
            switch question.kind {
            case .end: return
            case .error: throw FrameChannel.error(question.content, from: channel.name)
            case .state: try await answer { try await sendState() }
            case .write: try await answer { try await takeState(question.content) }
            case .object:
                let key = try key(question.content)
                try await answer { try await bucket.stream(key) { try channel.sendData($0) } }
            case .head:
                let key = try key(question.content)
                try await answer { try say(await bucket.keeps(key) ? "yes" : "no") }
            case .remove:
                let key = try key(question.content)
                try await answer { try await bucket.remove(key) }
            case .put: try await take(question.content)
            default:
                throw LetheError(code: .malformed, message: "\(channel.name) asks out of turn.")
            }
        }
    }

    /// What goes wrong with the bucket is an answer; that the other side has gone ends everything.
    private func answer(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            return try channel.send(Self.plain(error))
        }
        try channel.send(.end)
    }

    private static func plain(_ error: any Error) -> LetheError {
        error as? LetheError
            ?? LetheError(code: .io, message: "The bucket cannot be asked.", cause: error)
    }

    private func say(_ word: String) throws { try channel.sendData(Array(word.utf8)) }

    private func sendState() async throws {
        let key = prefix + Self.stateKey
        guard let found = try await bucket.find(key) else {
            throw LetheError(
                code: .notFound, message: "There is no registry in \(bucket.name)/\(prefix).",
                remedy: "Push to it first, or look at the address.")
        }
        try channel.sendData(Array((found.tag.filter { $0 != "\n" } + "\n").utf8))
        try await bucket.stream(key) { try channel.sendData($0) }
    }

    private func takeState(_ tag: [UInt8]) async throws {
        var bytes: [UInt8] = []
        try await hear { bytes += $0 }
        let old = tag.isEmpty ? nil : String(decoding: tag, as: UTF8.self)
        guard try await bucket.put(prefix + Self.stateKey, bytes, replacing: old) else {
            throw LetheError(
                code: .conflict, message: "Somebody else has described that registry first.",
                remedy: "Run the same command again.")
        }
    }

    /// Takes an object: says whether it shall come, and puts it where it belongs.
    private func take(_ order: [UInt8]) async throws {
        var upload: ObjectUpload
        do {
            guard let value = try? StrictJSON.parse(order),
                let hex = value["digest"]?.stringValue, let digest = Digest(hex: hex),
                let sizeBytes = value["sizeBytes"]?.integerValue
            else { throw LetheError(code: .malformed, message: "An object has no digest.") }
            let key = try key(Array(hex.utf8))
            if let found = try await bucket.find(key) {
                guard found.sizeBytes == sizeBytes else { throw other(digest) }
                try say("have")
                return try channel.send(.end)
            }
            upload = try await ObjectUpload(digest, sizeBytes: sizeBytes, under: key, in: bucket)
        } catch {
            return try channel.send(Self.plain(error))
        }
        try say("send")
        try channel.send(.end)
        try await answer {
            try await hear { try await upload.add($0) }
            try say(await upload.finish() ? "sent" : "have")
        }
    }

    /// Takes what comes to its end, even if it cannot be used any more: the other side listens only
    /// then.
    private func hear(_ take: ([UInt8]) async throws -> Void) async throws {
        var failure: (any Error)?
        while true {
            let frame = try channel.receive()
            switch frame.kind {
            case .data:
                guard failure == nil else { continue }
                do {
                    try await take(frame.content)
                } catch {
                    failure = error
                }
            case .end:
                if let failure { throw failure }
                return
            case .error: throw FrameChannel.error(frame.content, from: channel.name)
            default:
                throw LetheError(code: .malformed, message: "\(channel.name) speaks out of turn.")
            }
        }
    }

    /// An object lies in a bucket where it lies in a registry's folder.
    private func key(_ hex: [UInt8]) throws(LetheError) -> String {
        guard let digest = Digest(hex: String(decoding: hex, as: UTF8.self)) else {
            throw LetheError(code: .malformed, message: "An object was asked for by no digest.")
        }
        return "\(prefix)objects/sha256/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))"
    }

    private func other(_ digest: Digest) -> LetheError {
        LetheError(
            code: .integrity,
            message: "\(bucket.name) has something else under the name \(digest).",
            remedy: "Nothing there is written over. Remove it there, and push again.")
    }
}
