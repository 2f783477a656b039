internal import LetheRecords

/// README.md: what its author wrote, then what Lethe did, between two marks.
enum ModelCard {
    static let name = "README.md"
    private static let opening = "<!-- lethe: generated from .lethe/, do not edit -->"
    private static let closing = "<!-- /lethe -->"

    /// The card of a version; labels are numbers, never names.
    ///
    /// - Parameter base: Where the weights came from; nil if nobody knows.
    static func text(
        authored: String?, model: String, operation: Operation, number: Int,
        requests: [ForgetRequest], base: CardBase? = nil
    ) -> String {
        let authored = authoredPart(of: authored ?? "# \(model)\n")
        let own = base?.added(to: authored) ?? authored
        var lines = [own, "", opening, "## Lineage", ""]
        lines.append("This is version \(number) of `\(model)`, made by `\(operation.rawValue)`.")
        if requests.isEmpty {
            lines.append("Nothing has been forgotten in this line.")
        } else {
            lines += ["", "| request | received | labels made to forget |", "|---|---|---|"]
            for request in requests {
                let labels =
                    request.classes.isEmpty
                    ? "\(request.coverage), no label"
                    : request.classes.map(String.init).joined(separator: ", ")
                lines.append("| `\(request.id)` | \(request.received) | \(labels) |")
            }
            lines += [
                "", "Whether it was forgotten is for the certificate to say, not for this card.",
            ]
        }
        return (lines + [closing, ""]).joined(separator: "\n")
    }

    /// What the author wrote of a card.
    static func authoredPart(of text: String) -> String {
        CardBase.removed(from: withoutGenerated(text)).trimmedTrailing()
    }

    private static func withoutGenerated(_ text: String) -> String {
        guard let start = text.firstRange(of: opening), let end = text.firstRange(of: closing),
            start.upperBound <= end.lowerBound
        else { return text }
        return String(text[..<start.lowerBound]) + String(text[end.upperBound...])
    }
}

extension String {
    fileprivate func trimmedTrailing() -> String {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
