internal import Foundation

/// The few things that are read from S3's answers, which are small documents of XML without
/// attributes that matter; nothing else of XML is understood.
enum BucketText {
    /// The texts between every `<name>` and the `</name>` after it, in order.
    static func all(_ name: String, in text: String) -> [String] {
        var found: [String] = []
        var rest = text[...]
        while let start = rest.range(of: "<\(name)>"),
            let end = rest[start.upperBound...].range(of: "</\(name)>")
        {
            found.append(String(rest[start.upperBound..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        return found
    }

    /// The first such text, with its characters in place of their names.
    static func first(_ name: String, in text: String) -> String? {
        all(name, in: text).first.map(plain)
    }

    /// Characters that XML writes by name.
    static func plain(_ text: String) -> String {
        var plain = text
        for (name, character) in [
            ("&quot;", "\""), ("&#34;", "\""), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"),
            ("&amp;", "&"),
        ] { plain = plain.replacing(name, with: character) }
        return plain
    }

    /// Text as it stands in a document.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
