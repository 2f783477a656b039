internal import HTTPTypes
internal import LetheRecords

/// The members of a client's JSON object, read strictly: what is not known is refused, and so is
/// every value that could be taken for a path or an option.
struct OrderFields {
    private let members: [String: JSONValue]

    /// Takes the body of a request; an empty one is an object without members.
    init(_ body: [UInt8], knowing names: Set<String>) throws {
        guard !body.isEmpty else {
            members = [:]
            return
        }
        do throws(LetheError) {
            guard let found = try StrictJSON.parse(body).objectValue else {
                throw LetheError(code: .malformed, message: "The body is no JSON object.")
            }
            members = found
        } catch {
            throw Failure.own(.badRequest, .malformed, error.message)
        }
        if let stray = members.keys.filter({ !names.contains($0) }).min() {
            throw Self.wrong(
                String(stray.prefix(80)),
                "is not known here; known are "
                    + names.sorted().joined(separator: ", "))
        }
    }

    /// Whether there is a member of that name.
    func has(_ name: String) -> Bool { members[name] != nil }

    /// A name of something in the registry; never a path, never an option.
    func name(_ name: String) throws -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.stringValue, OrderFields.isName(text) else {
            throw Self.wrong(name, "is the name of something in the registry")
        }
        return text
    }

    /// `model@revision`, or a model alone.
    func revision(_ name: String) throws -> (model: String, text: String)? {
        guard let value = members[name] else { return nil }
        let halves = value.stringValue?.split(
            separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let halves, halves.allSatisfy({ OrderFields.isName(String($0)) }) else {
            throw Self.wrong(name, "is a model and a version of it, such as faces@v1")
        }
        return (String(halves[0]), halves.joined(separator: "@"))
    }

    /// A number within bounds.
    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let value = members[name] else { return nil }
        guard let number = value.integerValue, range.contains(number) else {
            throw Self.wrong(
                name, "is a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Yes or no; no if it is not there.
    func flag(_ name: String) throws -> Bool {
        guard let value = members[name] else { return false }
        guard let flag = value.boolValue else { throw Self.wrong(name, "is true or false") }
        return flag
    }

    /// One of a few words.
    func word(_ name: String, of words: [String]) throws -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.stringValue, words.contains(text) else {
            throw Self.wrong(name, "is one of \(words.joined(separator: ", "))")
        }
        return text
    }

    /// Printable text on one line.
    func text(_ name: String, limitBytes: Int) throws -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.stringValue, Self.isLine(text, limitBytes: limitBytes) else {
            throw Self.wrong(name, "is one line of at most \(limitBytes) bytes")
        }
        return text
    }

    /// Numbers within bounds, at least one.
    func integers(_ name: String, in range: ClosedRange<Int>, atMost count: Int) throws -> [Int]? {
        guard let value = members[name] else { return nil }
        let numbers = value.arrayValue?.map { $0.integerValue ?? -1 } ?? []
        guard !numbers.isEmpty, numbers.count <= count, numbers.allSatisfy(range.contains) else {
            throw Self.wrong(
                name,
                "has 1 to \(count) whole numbers from \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return numbers
    }

    /// Lines of printable text, at least one.
    func lines(_ name: String, limitBytes: Int, atMost count: Int) throws -> [String]? {
        guard let value = members[name] else { return nil }
        let lines = value.arrayValue?.map { $0.stringValue ?? "" } ?? []
        guard !lines.isEmpty, lines.count <= count,
            lines.allSatisfy({ Self.isLine($0, limitBytes: limitBytes) })
        else {
            throw Self.wrong(
                name, "has 1 to \(count) lines of at most \(limitBytes) bytes each")
        }
        return lines
    }

    /// The elements of an array, at least one.
    func elements(_ name: String, atMost count: Int) throws -> [JSONValue] {
        guard let list = members[name]?.arrayValue, (1...count).contains(list.count) else {
            throw Self.wrong(name, "has 1 to \(count) elements")
        }
        return list
    }

    /// Letters, digits, dots, dashes and underscores; the first is a letter or digit, and it does
    /// not look like a file's name.
    static func isName(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= 100, isAlphanumeric(first) else {
            return false
        }
        return !text.contains("..") && !text.lowercased().hasSuffix(".json")
            && bytes.allSatisfy { isAlphanumeric($0) || ".-_".utf8.contains($0) }
    }

    static func wrong(_ name: String, _ rule: String) -> Failure {
        .own(.unprocessableContent, .invalidArgument, "\"\(name)\" \(rule).")
    }

    private static func isLine(_ text: String, limitBytes: Int) -> Bool {
        !text.isEmpty && text.utf8.count <= limitBytes
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte)
    }
}
