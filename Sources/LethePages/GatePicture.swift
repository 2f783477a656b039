public import LetheRecords

/// Each gate of a report as a bar beside its limit.
///
/// Every row has its limit at the same place: a gate "at most" holds if its bar ends left of the
/// mark, a gate "at least" if it reaches it. The numbers stand above each bar and in the table.
public struct GatePicture: Sendable {
    let gates: [GateResult]
    let title: String
    let id: String
    private static let row = 58.0
    private static let width = 336.0
    private static let limit = 216.0

    /// Draws gates; `id` is unique on its page.
    public init(_ gates: [GateResult], title: String, id: String) {
        self.gates = gates
        self.title = title
        self.id = id
    }

    /// The picture.
    public var markup: Markup {
        Chart.picture(
            id: id, title: title,
            description: gates.map { "\(Self.name($0)): \(Self.words($0))." }
                .joined(separator: " "),
            width: Self.width, height: Double(gates.count) * Self.row + 4,
            gates.enumerated().flatMap { row($1, y: Double($0) * Self.row) })
    }

    private func row(_ gate: GateResult, y: Double) -> [Markup] {
        let share = gate.limit > 0 ? gate.value / gate.limit : (gate.value > 0 ? 2 : 0)
        let length = max(2, min(Self.width, share * Self.limit))
        return [
            Chart.text(0, y + 12, Self.name(gate)),
            .element(
                "text", [("class", "faint"), ("x", "0"), ("y", Chart.number(y + 27))],
                text: Self.words(gate)),
            Chart.box(
                x: 0, y: y + 34, width: Self.width, height: 8, style: "track", tip: "the scale"),
            Chart.box(
                x: 0, y: y + 34, width: length, height: 8,
                style: gate.held ? "bar" : "bar failed", tip: Self.words(gate)),
            Chart.line((Self.limit, y + 30), (Self.limit, y + 46), style: "limit"),
        ]
    }

    /// What is measured, and on what.
    public static func name(_ gate: GateResult) -> String {
        let name = gate.gate.replacing("-", with: " ")
        return gate.subject == "retained" ? name : "\(name), \(gate.subject)"
    }

    /// `0.8 % of at most 5 %, held`.
    public static func words(_ gate: GateResult) -> String {
        let bound = gate.comparison == "at-most" ? "at most" : "at least"
        return "\(value(gate)), \(bound) \(limit(gate)): \(gate.held ? "held" : "failed")"
    }

    /// What was measured, in the gate's unit.
    public static func value(_ gate: GateResult) -> String { number(gate.value, gate) }

    /// The threshold, in the gate's unit.
    public static func limit(_ gate: GateResult) -> String { number(gate.limit, gate) }

    private static func number(_ value: Double, _ gate: GateResult) -> String {
        gate.gate.hasSuffix("samples") ? Chart.number(value) : Chart.percent(value)
    }
}
