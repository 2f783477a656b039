internal import Foundation
internal import LetheForgetting

/// The table of a comparison: mean and spread over the seeds, in percent.
struct MethodTable {
    private var rows: [(name: String, measurements: [MethodComparison.Measurement])] = []

    mutating func add(_ measurement: MethodComparison.Measurement) {
        if let index = rows.firstIndex(where: { $0.name == measurement.row }) {
            rows[index].measurements.append(measurement)
        } else {
            rows.append((measurement.row, [measurement]))
        }
    }

    var text: String {
        var table = Table(
            ["method", "UA", "RA", "TA", "MIA", "gap to Retrain", "seconds"],
            numbers: Set(1...6))
        for (name, measurements) in rows {
            func cell(_ value: (MethodComparison.Measurement) -> Double) -> String {
                Self.cell(measurements.map(value))
            }
            table.add(
                name, cell { $0.figures.unlearningAccuracy }, cell { $0.figures.retainedAccuracy },
                cell { $0.figures.testAccuracy }, cell { $0.figures.attackEfficacy },
                cell { $0.gap }, cell { $0.figures.seconds })
        }
        return table.text
    }

    /// Mean and, in brackets, the standard deviation of the sample.
    private static func cell(_ values: [Double]) -> String {
        let mean = values.reduce(0, +) / Double(max(1, values.count))
        guard values.count > 1 else { return String(format: "%.2f", mean) }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let deviation = (squares / Double(values.count - 1)).squareRoot()
        return String(format: "%.2f (%.2f)", mean, deviation)
    }
}
