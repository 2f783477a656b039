internal import Foundation
internal import LetheRecords

/// The one place that writes answers: a table for a person, a JSON document for a program.
struct Output {
    let asJSON: Bool

    /// Writes the one or the other.
    func write(_ json: @autoclosure () -> JSONValue, text: @autoclosure () -> String) {
        print(asJSON ? PrettyJSON.text(json()) : text())
    }

    /// Writes a record's fields as JSON, or text.
    func write(record: some Record, text: @autoclosure () -> String) throws {
        let value = asJSON ? try StrictJSON.parse(record.canonicalBytes()) : .null
        write(value, text: text())
    }

    /// Words for a person; nothing for a program.
    func note(_ text: String) {
        if !asJSON { print(text) }
    }
}

extension Record {
    /// The record as a JSON value.
    func json() throws -> JSONValue { try StrictJSON.parse(canonicalBytes()) }
}
