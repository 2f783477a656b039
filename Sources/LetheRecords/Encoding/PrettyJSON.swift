/// JSON for people: two spaces a level, members in order of their names.
public enum PrettyJSON {
    /// The text of a value, without a line break at its end.
    ///
    /// Numbers and strings are spelled as canonical JSON spells them; a number that is not finite
    /// becomes `null`.
    public static func text(_ value: JSONValue) -> String {
        text(value, indent: "")
    }

    private static func text(_ value: JSONValue, indent: String) -> String {
        let deeper = indent + "  "
        switch value {
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { deeper + text($0, indent: deeper) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.sorted { $0.key < $1.key }.map { name, member in
                "\(deeper)\(scalar(.string(name))): \(text(member, indent: deeper))"
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        default:
            return scalar(value)
        }
    }

    private static func scalar(_ value: JSONValue) -> String {
        guard let bytes = try? CanonicalJSON.encode(value) else { return "null" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
