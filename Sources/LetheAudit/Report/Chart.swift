internal import Foundation
internal import LetheRecords

/// Pictures of a line, as SVG with a title and a description for who cannot see them.
enum Chart {
    /// A picture of a size, in units of its own.
    static func picture(
        id: String, title: String, description: String, width: Double, height: Double,
        _ content: [Markup]
    ) -> Markup {
        .element(
            "svg",
            [
                ("xmlns", "http://www.w3.org/2000/svg"), ("role", "img"),
                ("viewBox", "0 0 \(number(width)) \(number(height))"), ("width", number(width)),
                ("height", number(height)), ("aria-labelledby", "\(id)-title \(id)-text"),
            ],
            [
                .element("title", [("id", "\(id)-title")], text: title),
                .element("desc", [("id", "\(id)-text")], text: description),
            ] + content)
    }

    static func text(_ x: Double, _ y: Double, _ text: String, anchor: String = "start") -> Markup {
        .element(
            "text", [("x", number(x)), ("y", number(y)), ("text-anchor", anchor)], text: text)
    }

    static func line(
        _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), style: String
    ) -> Markup {
        .element(
            "line",
            [
                ("class", style), ("x1", number(from.x)), ("y1", number(from.y)),
                ("x2", number(to.x)), ("y2", number(to.y)),
            ], [])
    }

    static func box(
        x: Double, y: Double, width: Double, height: Double, style: String, tip: String
    ) -> Markup {
        .element(
            "rect",
            [
                ("class", style), ("x", number(x)), ("y", number(y)), ("width", number(width)),
                ("height", number(height)),
            ], [.element("title", text: tip)])
    }

    static func circle(
        x: Double, y: Double, radius: Double, style: String, tip: String
    ) -> Markup {
        .element(
            "circle",
            [("class", style), ("cx", number(x)), ("cy", number(y)), ("r", number(radius))],
            [.element("title", text: tip)])
    }

    /// A line through points.
    static func curve(_ points: [(x: Double, y: Double)], style: String) -> Markup {
        let path = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
        return .element("polyline", [("class", "curve \(style)"), ("points", path)], [])
    }

    /// A number with one digit behind the point, whatever the language of the machine.
    static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let whole = "\(abs(tenths) / 10)" + (tenths % 10 == 0 ? "" : ".\(abs(tenths) % 10)")
        return tenths < 0 ? "-\(whole)" : whole
    }

    /// A share as a percentage with one digit behind the point.
    static func percent(_ share: Double) -> String { "\(number(share * 100)) %" }
}
