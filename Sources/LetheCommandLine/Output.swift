internal import Foundation
public import LetheRecords

/// The one place that writes answers: a table for a person, a JSON document for a program.
public struct Output: Sendable {
    /// Whether a program reads the answer.
    public let asJSON: Bool

    /// Answers for a program, or for a person.
    public init(asJSON: Bool) { self.asJSON = asJSON }

    /// Writes the one or the other.
    public func write(_ json: @autoclosure () -> JSONValue, text: @autoclosure () -> String) {
        if asJSON, let copy = TextCopy.shared { copy.add(text()) }
        print(asJSON ? PrettyJSON.text(json()) : text())
    }

    /// Writes a record's fields as JSON, or text.
    ///
    /// - Throws: `invalidRecord` if the record has no encoding.
    public func write(record: some Record, text: @autoclosure () -> String) throws {
        let value = asJSON ? try StrictJSON.parse(record.canonicalBytes()) : .null
        write(value, text: text())
    }

    /// Words for a person; nothing for a program.
    public func note(_ text: String) {
        if !asJSON { print(text) } else { TextCopy.shared?.add(text) }
    }
}

extension Record {
    /// The record as a JSON value.
    ///
    /// - Throws: `invalidRecord` if it has no encoding.
    public func json() throws -> JSONValue { try StrictJSON.parse(canonicalBytes()) }
}
