internal import LetheRecords

/// What two registries say first to each other.
struct ExchangeHello {
    /// The version of the protocol.
    static let version = 1

    /// The lines that shall travel; none for all.
    let lines: [String]

    /// Says hello and hears it.
    ///
    /// - Parameter lines: What this side wants to travel.
    /// - Returns: the other side's.
    /// - Throws: `unsupported` if it speaks another version; `malformed`; `io`.
    static func exchange(
        over channel: FrameChannel, lines: [String]
    ) throws(LetheError) -> ExchangeHello {
        let mine: [String: JSONValue] = [
            "protocol": .number(Double(version)), "lethe": .string(letheVersion),
            "lines": .array(lines.map(JSONValue.string)),
        ]
        try channel.send(.hello, CanonicalJSON.encode(.object(mine)))
        let answer = try channel.receive()
        if answer.kind == .error { throw FrameChannel.error(answer.content, from: channel.name) }
        let value = try StrictJSON.parse(answer.content)
        guard answer.kind == .hello, let found = value["protocol"]?.integerValue else {
            throw LetheError(
                code: .malformed, message: "\(channel.name) does not speak as Lethe does.",
                remedy: "Is there a lethe on that machine?")
        }
        guard found == version else {
            throw LetheError(
                code: .unsupported,
                message: "\(channel.name) speaks version \(found) of the protocol, and this "
                    + "Lethe version \(version).",
                remedy: "Install the same Lethe on both machines.")
        }
        return ExchangeHello(
            lines: value["lines"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    }
}
