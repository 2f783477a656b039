/// Columns of text under headings, as wide as their contents.
struct Table {
    let headings: [String]
    /// Which columns are numbers, and so end at the right.
    let numbers: Set<Int>
    private(set) var rows: [[String]] = []

    init(_ headings: [String], numbers: Set<Int> = []) {
        self.headings = headings
        self.numbers = numbers
    }

    mutating func add(_ cells: String...) { rows.append(cells) }

    var text: String {
        let widths = headings.indices.map { column in
            ([headings] + rows).map { $0[column].count }.max() ?? 0
        }
        let rule = widths.map { String(repeating: "-", count: $0) }
        return ([headings, rule] + rows).map { cells in
            line(cells, widths)
        }.joined(separator: "\n")
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var text = cells.indices.map { column in
            let space = String(repeating: " ", count: widths[column] - cells[column].count)
            return numbers.contains(column) ? space + cells[column] : cells[column] + space
        }.joined(separator: "  ")
        while text.last == " " { text.removeLast() }
        return text
    }
}
