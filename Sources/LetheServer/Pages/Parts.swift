internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// The parts that pages are made of.
enum Parts {
    static func text(_ text: String, _ name: String = "p", style: String? = nil) -> Markup {
        .element(name, style.map { [("class", $0)] } ?? [], text: text)
    }

    static func link(_ text: String, to address: String) -> Markup {
        .element("a", [("href", address)], text: text)
    }

    static func code(_ text: String) -> Markup { .element("code", text: text) }

    /// Said to everybody for whom something may be left out, whether it was or not.
    static let leftOut = text(
        "Whatever concerns models that you may not read is left out.", style: "quiet")

    /// A heading and what is below it.
    static func section(_ title: String, id: String, _ content: [Markup]) -> Markup {
        .element(
            "section", [("aria-labelledby", id)],
            [.element("h2", [("id", id)], text: title)] + content)
    }

    /// A table whose first cells head their rows; it scrolls by itself where it is too wide, with
    /// the keyboard, too.
    static func table(
        _ caption: String, _ headings: [String], numbers: Set<Int> = [], long: Set<Int> = [],
        _ rows: [[Markup]]
    ) -> Markup {
        func style(_ column: Int) -> [(String, String)] {
            if numbers.contains(column) { return [("class", "number")] }
            return long.contains(column) ? [("class", "long")] : []
        }
        let head = headings.enumerated().map { column, text in
            Markup.element("th", [("scope", "col")] + style(column), text: text)
        }
        let body = rows.map { row in
            Markup.element(
                "tr", [],
                row.enumerated().map { column, cell in
                    column == 0
                        ? .element("th", [("scope", "row")] + style(0), [cell])
                        : .element("td", style(column), [cell])
                })
        }
        let table = Markup.element(
            "table", [],
            [
                .element("caption", text: caption),
                .element("thead", [], [.element("tr", [], head)]), .element("tbody", [], body),
            ])
        return .element(
            "div",
            [("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", caption)],
            [table])
    }

    /// Names and what they stand for; pairs without a value are left out.
    static func facts(_ pairs: [(String, Markup?)]) -> Markup {
        .element(
            "dl", [("class", "facts")],
            pairs.flatMap { name, value in
                value.map { [.element("dt", text: name), .element("dd", [], [$0])] } ?? []
            })
    }

    /// What a reader must not miss; `style` is empty, `bad` or `open`.
    static func verdict(_ title: String, _ lines: [String], style: String = "") -> Markup {
        .element(
            "div", [("class", style.isEmpty ? "verdict" : "verdict \(style)")],
            [.element("p", [], [.element("strong", text: title)])]
                + lines.filter { !$0.isEmpty }.map { .element("p", text: $0) })
    }

    static func list(_ items: [Markup], style: String? = nil) -> Markup {
        .element(
            "ul", style.map { [("class", $0)] } ?? [], items.map { .element("li", [], [$0]) })
    }

    /// Commands to copy.
    static func commands(_ lines: [String]) -> Markup {
        .element("pre", [], [code(lines.joined(separator: "\n"))])
    }

    /// Something wide that scrolls by itself.
    static func wide(_ picture: Markup, label: String) -> Markup {
        .element(
            "div",
            [("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", label)],
            [picture])
    }

    static func time(_ time: Timestamp) -> Markup {
        .element("time", [("datetime", time.description)], text: Words.time(time))
    }
}

/// What becomes of a version, in words and as the style that goes with them.
struct VersionStanding {
    let style: String
    let words: String

    init(_ state: VersionState, operation: String) {
        switch state {
        case .erased: (style, words) = ("erased", "revoked, erased")
        case .revoked: (style, words) = ("revoked", "revoked")
        case .current:
            let isCertified = operation == LetheRecords.Operation.certify.rawValue
            (style, words) =
                isCertified ? ("certified", "certified") : ("candidate", "not certified")
        }
    }

    var badge: Markup { .element("span", [("class", "state \(style)")], text: words) }
}

/// Figures and moments as people read them.
enum Words {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `22 Nov 2026, 12:30 UTC`.
    static func time(_ time: Timestamp) -> String {
        let text = time.description
        let date = text.prefix(10).split(separator: "-")
        guard date.count == 3, let month = Int(date[1]), (1...12).contains(month),
            let day = Int(date[2])
        else { return text }
        return "\(day) \(months[month - 1]) \(date[0]), \(text.dropFirst(11).prefix(5)) UTC"
    }

    /// `1.2 MiB`.
    static func size(_ bytes: Int) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return "\(Chart.number(value)) \(units[unit])"
    }

    /// `1 request`, `2 requests`, `3 classes`.
    static func count(_ count: Int, _ thing: String) -> String {
        "\(count) \(thing)\(count == 1 ? "" : thing.hasSuffix("s") ? "es" : "s")"
    }

    /// `12 days left`, `overdue by 3 days`.
    static func due(_ due: Timestamp, now: Timestamp) -> String {
        let seconds = due.secondsSince1970 - now.secondsSince1970
        let days = Self.count(Int(abs(seconds) / 86400), "day")
        return seconds < 0 ? "overdue by \(days)" : "\(days) left"
    }
}
