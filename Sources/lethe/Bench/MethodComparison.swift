internal import Foundation
internal import LetheForgetting
internal import LetheRecords

/// Runs a comparison of methods: chooses one candidate for every row on held-out training samples of
/// a seed of its own, then measures every row on the test split for each seed.
struct MethodComparison {
    let plan: MethodPlan
    let setting: MethodTrial.Setting
    let progress: ProgressHandler

    /// The seed on which candidates are chosen; it is none of the table's.
    private static let tuningSeed = 1000

    /// The figures of one row under one seed.
    struct Measurement {
        let row: String
        let seed: Int
        let recipe: Recipe
        let figures: UnlearningFigures
        let gap: Double
    }

    /// The best candidate of every tuned row: the one with the smallest gap to Retrain.
    func choose() throws -> [String: Double] {
        let rows = plan.rows.filter { $0.tuned != nil }
        guard !rows.isEmpty else { return [:] }
        return try withTrial(seed: Self.tuningSeed) { trial in
            let starts = try starts(trial)
            let retrain = try trial.figures(
                plan.retrain, from: starts.dense, named: "retrain", on: .validation)
            var chosen: [String: Double] = [:]
            for row in rows {
                let gaps = try (row.candidates ?? []).map { candidate in
                    (
                        candidate,
                        try trial.figures(
                            row.recipe(candidate), from: starts.of(row), named: "candidate",
                            on: .validation
                        ).averageGap(to: retrain)
                    )
                }
                chosen[row.name] = gaps.min { Self.order($0.1) < Self.order($1.1) }?.0
            }
            return chosen
        }
    }

    /// Every row under one seed; the original and Retrain come first.
    func measure(
        seed: Int, candidates: [String: Double], _ found: (Measurement) throws -> Void
    ) throws {
        try withTrial(seed: seed) { trial in
            let starts = try starts(trial)
            let retrain = try trial.figures(
                plan.retrain, from: starts.dense, named: "retrain", on: .test)
            func add(_ name: String, _ recipe: Recipe, _ figures: UnlearningFigures) throws {
                try found(
                    Measurement(
                        row: name, seed: seed, recipe: recipe, figures: figures,
                        gap: figures.averageGap(to: retrain)))
            }
            try add("Original", plan.retrain, trial.figures(of: starts.dense, on: .test))
            try add("Retrain", plan.retrain, retrain)
            if let sparse = starts.sparse, let prune = plan.prune {
                try add("Original, pruned", prune, trial.figures(of: sparse, on: .test))
            }
            for row in plan.rows {
                let recipe = row.recipe(candidates[row.name])
                try add(
                    row.name, recipe,
                    trial.figures(recipe, from: starts.of(row), named: "row", on: .test))
            }
        }
    }

    /// The models that rows start from.
    private struct Starts {
        let dense: URL
        let sparse: URL?

        func of(_ row: MethodPlan.Row) -> URL {
            row.sparse == true ? sparse ?? dense : dense
        }
    }

    private func starts(_ trial: MethodTrial) throws -> Starts {
        let dense = try trial.original(plan.retrain)
        return Starts(
            dense: dense, sparse: try plan.prune.map { try trial.sparse($0, from: dense) })
    }

    /// A gap that is not a number comes last.
    private static func order(_ gap: Double) -> Double { gap.isNaN ? .infinity : gap }

    private func withTrial<Result>(
        seed: Int, _ body: (MethodTrial) throws -> Result
    ) throws -> Result {
        let work = FileManager.default.temporaryDirectory
            .appending(path: "lethe-methods-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: work) }
        return try body(MethodTrial(setting, seed: seed, work: work, progress: progress))
    }
}
