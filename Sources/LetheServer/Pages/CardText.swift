internal import LethePages

/// A model's card as a page shows it: headings, paragraphs, lists, tables and code of Markdown.
///
/// Everything else stays as it is written. Links and pictures are text, so that a card leads nobody
/// to another site and fetches nothing.
enum CardText {
    /// Longer cards are not shown.
    static let limitBytes = 256 << 10

    static func markup(_ text: String) -> [Markup] {
        var blocks: [Markup] = []
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasSuffix("\r") ? $0.dropLast() : $0 }[...]
        if lines.first == "---" {
            lines.removeFirst()
            blocks.append(code(take(&lines) { $0 != "---" }))
            _ = lines.popFirst()
        }
        while let line = lines.first {
            blocks.append(block(line, &lines))
        }
        return blocks
    }

    private static func block(
        _ line: Substring, _ lines: inout ArraySlice<Substring>
    ) -> Markup {
        if line.allSatisfy(\.isWhitespace) || line.hasPrefix("<!--") && line.hasSuffix("-->") {
            lines.removeFirst()
            return .group([])
        }
        if line.hasPrefix("```") {
            lines.removeFirst()
            let content = take(&lines) { !$0.hasPrefix("```") }
            _ = lines.popFirst()
            return code(content)
        }
        if isHeading(line) {
            lines.removeFirst()
            return .element("h3", [], spans(line.drop { $0 == "#" || $0 == " " }))
        }
        if isItem(line) {
            let items = take(&lines, while: isItem)
            return .element("ul", [], items.map { .element("li", [], spans($0.dropFirst(2))) })
        }
        if line.hasPrefix("|") { return table(take(&lines) { $0.hasPrefix("|") }) }
        let words = take(&lines) { !isOther($0) }
        return .element("p", [], spans(words.joined(separator: " ")[...]))
    }

    private static func take(
        _ lines: inout ArraySlice<Substring>, while holds: (Substring) -> Bool
    ) -> [Substring] {
        let taken = lines.prefix(while: holds)
        lines = lines.dropFirst(taken.count)
        return Array(taken)
    }

    private static func isHeading(_ line: Substring) -> Bool {
        line.hasPrefix("#") && line.drop { $0 == "#" }.hasPrefix(" ")
    }

    private static func isItem(_ line: Substring) -> Bool {
        line.hasPrefix("- ") || line.hasPrefix("* ")
    }

    /// Whether a line ends the paragraph before it.
    private static func isOther(_ line: Substring) -> Bool {
        line.allSatisfy(\.isWhitespace) || isHeading(line) || isItem(line) || line.hasPrefix("|")
            || line.hasPrefix("```") || line.hasPrefix("<!--")
    }

    private static func code(_ lines: [Substring]) -> Markup {
        .element("pre", [], [.element("code", text: lines.joined(separator: "\n"))])
    }

    private static func table(_ lines: [Substring]) -> Markup {
        let rows = lines.map { line in
            line.split(separator: "|").map { Substring(String($0).trimmingSpaces) }
        }.filter { row in !row.allSatisfy { $0.allSatisfy { "-: ".contains($0) } } }
        guard let head = rows.first else { return .group([]) }
        return Parts.table(
            "A table of the card", head.map { $0.filter { $0 != "`" } },
            rows.dropFirst().map { row in row.map { .group(spans($0)) } })
    }

    /// Text with code between back quotes.
    private static func spans(_ text: Substring) -> [Markup] {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        guard parts.count % 2 == 1 else { return [.text(String(text))] }
        return parts.enumerated().map { index, part in
            index % 2 == 0 ? .text(String(part)) : .element("code", text: String(part))
        }
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
