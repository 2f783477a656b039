internal import Foundation
internal import LetheRecords

/// Streams the steps of a run to standard error, one JSON object a line, for whoever asked for JSON.
///
/// Only progress with figures is worth a line: reading files is silent.
enum ProgressStream {
    static let handler: ProgressHandler = { progress in
        guard !progress.figures.isEmpty, let line = line(progress) else { return }
        try? FileHandle.standardError.write(contentsOf: Data(line))
    }

    /// `{"done":3,"figures":{...},"phase":"forgetting","total":30}`; a figure that is no number is
    /// left out, as JSON has none.
    static func line(_ progress: LetheRecords.Progress) -> [UInt8]? {
        let figures = progress.figures.filter { $0.value.isFinite }.mapValues(JSONValue.number)
        let value: JSONValue = .object([
            "phase": .string(progress.phase), "done": .number(Double(progress.done)),
            "total": .number(Double(progress.total)), "figures": .object(figures),
        ])
        return try? CanonicalJSON.encode(value) + [UInt8(ascii: "\n")]
    }
}
