/// The assignment problem: each row gets a column of its own, and the scores add up to the most.
enum Assignment {
    /// Kuhn's method in the form of Jonker and Volgenant, with shortest augmenting paths (Computing
    /// 38, 1987): cubic in the number of rows.
    ///
    /// - Parameter scores: A square; nil where a row must not have a column. There must be an
    ///   assignment without those.
    /// - Returns: the column of each row.
    static func best(_ scores: [[Double?]]) -> [Int] {
        let count = scores.count
        // Scores may be as small as 1e-23, so they are brought near 1 before anything is added.
        let largest = scores.joined().compactMap { $0 }.max() ?? 1
        let costs = scores.map { row in
            row.map { score in
                score.map { largest > 0 ? 1 - $0 / largest : 1 } ?? Double(count + 1)
            }
        }
        var solver = Solver(costs: costs)
        for row in 0..<count { solver.insert(row) }
        return solver.columns()
    }
}

private struct Solver {
    let costs: [[Double]]
    private var rowPotential: [Double]
    private var columnPotential: [Double]
    /// The row that has a column; the last place is where a search begins.
    private var rowOfColumn: [Int?]

    init(costs: [[Double]]) {
        self.costs = costs
        rowPotential = Array(repeating: 0, count: costs.count)
        columnPotential = Array(repeating: 0, count: costs.count + 1)
        rowOfColumn = Array(repeating: nil, count: costs.count + 1)
    }

    func columns() -> [Int] {
        var result = Array(repeating: 0, count: costs.count)
        for (column, row) in rowOfColumn.dropLast().enumerated() {
            if let row { result[row] = column }
        }
        return result
    }

    /// Gives a row a column, moving others along the cheapest path.
    mutating func insert(_ newRow: Int) {
        let start = costs.count
        rowOfColumn[start] = newRow
        var distance = Array(repeating: Double.infinity, count: start)
        var previous = Array(repeating: start, count: start)
        var seen = Array(repeating: false, count: start + 1)
        var column = start
        while let row = rowOfColumn[column] {
            seen[column] = true
            for next in 0..<start where !seen[next] {
                let reduced = costs[row][next] - rowPotential[row] - columnPotential[next]
                if reduced < distance[next] {
                    distance[next] = reduced
                    previous[next] = column
                }
            }
            let open = (0..<start).filter { !seen[$0] }
            guard let nearest = open.min(by: { distance[$0] < distance[$1] }) else { return }
            move(by: distance[nearest], seen, &distance)
            column = nearest
        }
        while column != start {
            rowOfColumn[column] = rowOfColumn[previous[column]]
            column = previous[column]
        }
        rowOfColumn[start] = nil
    }

    private mutating func move(by step: Double, _ seen: [Bool], _ distance: inout [Double]) {
        for column in seen.indices {
            if seen[column] {
                if let row = rowOfColumn[column] { rowPotential[row] += step }
                columnPotential[column] -= step
            } else if column < distance.count {
                distance[column] -= step
            }
        }
    }
}
