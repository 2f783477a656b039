internal import Foundation

/// Canonical JSON (RFC 8785): exactly one encoding for each value.
public enum CanonicalJSON {
    /// The canonical bytes of a JSON value.
    ///
    /// - Throws: `malformed` for a number that is not finite.
    public static func encode(_ value: JSONValue) throws(LetheError) -> [UInt8] {
        var writer = CanonicalWriter()
        try writer.write(value)
        return writer.bytes
    }

    /// The canonical bytes of a record.
    ///
    /// - Throws: `malformed` for a number that is not finite or a value that does not encode.
    public static func encode(_ record: some Encodable) throws(LetheError) -> [UInt8] {
        let data: Data
        do {
            data = try JSONEncoder().encode(record)
        } catch let error as LetheError {
            throw error
        } catch {
            throw LetheError(code: .malformed, message: "The record does not encode.", cause: error)
        }
        return try encode(StrictJSON.parse([UInt8](data)))
    }

    /// Reads a record from its canonical bytes and from nothing else.
    ///
    /// The record is encoded again and compared, so that unknown fields, another order of members,
    /// white space and other spellings of a number are all refused.
    ///
    /// - Throws: `malformed` saying what is wrong.
    public static func decode<Record: Codable>(
        _ type: Record.Type, from bytes: [UInt8]
    ) throws(LetheError) -> Record {
        let record = try decodeLeniently(type, from: bytes)
        guard try encode(record) == bytes else {
            throw LetheError(
                code: .malformed,
                message: "The \(Record.self) is not canonical JSON (RFC 8785), or it has fields "
                    + "that this version does not know.",
                remedy: "Use a newer Lethe, or write the record with lethe itself.")
        }
        return record
    }

    /// Reads a record from JSON that a person wrote: any order and white space, unknown fields
    /// refused, duplicate names refused.
    ///
    /// - Throws: `malformed` saying what is wrong.
    public static func decodeHandwritten<Record: Codable>(
        _ type: Record.Type, from bytes: [UInt8]
    ) throws(LetheError) -> Record {
        let record = try decodeLeniently(type, from: bytes)
        guard try encode(record) == encode(StrictJSON.parse(bytes)) else {
            throw LetheError(
                code: .malformed,
                message: "The \(Record.self) has fields that this version does not know.",
                remedy: "Compare it with its schema in schemas/v1.")
        }
        return record
    }

    private static func decodeLeniently<Record: Decodable>(
        _ type: Record.Type, from bytes: [UInt8]
    ) throws(LetheError) -> Record {
        _ = try StrictJSON.parse(bytes)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as LetheError {
            throw error
        } catch {
            throw LetheError(
                code: .malformed, message: "The bytes are no valid \(Record.self).", cause: error)
        }
    }
}
