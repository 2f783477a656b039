/// A piece of an HTML or SVG document.
///
/// Text and attributes are escaped when it is written, and there is no way around that: whatever a
/// record says stays text. What comes out is well-formed for parsers of HTML and of XML.
public indirect enum Markup: Sendable {
    /// Text, from wherever it comes.
    case text(String)
    /// An element with its attributes and what is in it.
    case element(String, [(String, String)], [Markup])
    /// Pieces one after the other.
    case group([Markup])

    /// An element that holds nothing but text.
    public static func element(
        _ name: String, _ attributes: [(String, String)] = [], text: String
    ) -> Markup { .element(name, attributes, [.text(text)]) }

    /// The document's bytes as text.
    public var rendered: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .text(let content): Self.escape(content, to: &text)
        case .group(let pieces): for piece in pieces { piece.write(to: &text) }
        case .element(let name, let attributes, let children):
            text += "<\(name)"
            for (key, value) in attributes {
                text += " \(key)=\""
                Self.escape(value, to: &text)
                text += "\""
            }
            if Self.hasNoEnd.contains(name) {
                text += " />"
                return
            }
            text += ">"
            for child in children { child.write(to: &text) }
            text += "</\(name)>"
            if Self.endsLine.contains(name) { text += "\n" }
        }
    }

    /// Elements of HTML that have no content and no end tag.
    private static let hasNoEnd: Set<String> = ["meta", "br", "link", "input", "hr"]
    private static let endsLine: Set<String> = [
        "p", "h1", "h2", "h3", "tr", "table", "section", "svg", "g", "style", "title", "head",
        "header", "footer", "li", "ul", "ol", "dl", "dd", "caption", "nav", "main", "form", "pre",
        "figure",
    ]

    /// Writes text so that neither a parser of HTML nor one of XML sees anything but text.
    ///
    /// Characters that turn the direction of what follows, or that no document may hold, become
    /// U+FFFD: a name must not rearrange the page either.
    static func escape(_ content: String, to text: inout String) {
        for scalar in content.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            case "\n", "\t": text.unicodeScalars.append(scalar)
            default:
                switch scalar.properties.generalCategory {
                case .control, .format, .surrogate, .unassigned, .privateUse, .lineSeparator,
                    .paragraphSeparator:
                    text.unicodeScalars.append("\u{FFFD}")
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
    }
}
