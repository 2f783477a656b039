/// Pictures of a line, as SVG with a title and a description for who cannot see them.
public enum Chart {
    /// A picture of a size, in units of its own.
    public static func picture(
        id: String, title: String, description: String, width: Double, height: Double,
        role: String = "img", _ content: [Markup]
    ) -> Markup {
        .element(
            "svg",
            [
                ("xmlns", "http://www.w3.org/2000/svg"), ("role", role),
                ("viewBox", "0 0 \(number(width)) \(number(height))"), ("width", number(width)),
                ("height", number(height)), ("aria-labelledby", "\(id)-title \(id)-text"),
            ],
            [
                .element("title", [("id", "\(id)-title")], text: title),
                .element("desc", [("id", "\(id)-text")], text: description),
            ] + content)
    }

    /// Words at a place.
    public static func text(_ x: Double, _ y: Double, _ text: String, anchor: String = "start")
        -> Markup
    {
        .element(
            "text", [("x", number(x)), ("y", number(y)), ("text-anchor", anchor)], text: text)
    }

    /// A straight line of a style.
    public static func line(
        _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), style: String
    ) -> Markup {
        .element(
            "line",
            [
                ("class", style), ("x1", number(from.x)), ("y1", number(from.y)),
                ("x2", number(to.x)), ("y2", number(to.y)),
            ], [])
    }

    /// A rectangle that says what it is when it is pointed at.
    public static func box(
        x: Double, y: Double, width: Double, height: Double, style: String, tip: String
    ) -> Markup {
        .element(
            "rect",
            [
                ("class", style), ("x", number(x)), ("y", number(y)), ("width", number(width)),
                ("height", number(height)),
            ], [.element("title", text: tip)])
    }

    /// A circle that says what it is when it is pointed at.
    public static func circle(
        x: Double, y: Double, radius: Double, style: String, tip: String
    ) -> Markup {
        .element(
            "circle",
            [("class", style), ("cx", number(x)), ("cy", number(y)), ("r", number(radius))],
            [.element("title", text: tip)])
    }

    /// A line through points.
    public static func curve(_ points: [(x: Double, y: Double)], style: String) -> Markup {
        let path = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
        return .element("polyline", [("class", "curve \(style)"), ("points", path)], [])
    }

    /// A number with one digit behind the point, whatever the language of the machine.
    public static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let whole = "\(abs(tenths) / 10)" + (tenths % 10 == 0 ? "" : ".\(abs(tenths) % 10)")
        return tenths < 0 ? "-\(whole)" : whole
    }

    /// A share as a percentage with one digit behind the point.
    public static func percent(_ share: Double) -> String { "\(number(share * 100)) %" }
}
