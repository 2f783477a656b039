internal import Foundation
internal import LetheRecords
internal import Logging

/// Writes each message as one JSON object on a line of standard error.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    let label: String

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var members: [String: JSONValue] = [
            "time": .string(Timestamp(Date()).description),
            "level": .string(event.level.rawValue), "message": .string("\(event.message)"),
        ]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            members[key] = Self.value(value)
        }
        var line = (try? CanonicalJSON.encode(.object(members))) ?? []
        line.append(UInt8(ascii: "\n"))
        try? FileHandle.standardError.write(contentsOf: Data(line))
    }

    private static func value(_ value: Logger.MetadataValue) -> JSONValue {
        switch value {
        case .string(let text): .string(String(text.prefix(500)))
        case .stringConvertible(let number as Int): .number(Double(number))
        case .stringConvertible(let number as Double): .number(number)
        case .stringConvertible(let other): .string(String(describing: other))
        case .array(let values): .array(values.map(Self.value))
        case .dictionary(let values): .object(values.mapValues(Self.value))
        }
    }
}
