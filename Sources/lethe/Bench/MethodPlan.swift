internal import Foundation
internal import LetheRecords

/// A comparison of methods as a file of `Benchmarks/methods/`: how the original is trained, and the
/// rows of the table, each with the one value that is tuned and its candidates.
struct MethodPlan: Codable {
    /// A row of the table.
    struct Row: Codable {
        /// Its name in the table.
        var name: String
        /// The method.
        var method: String
        /// Values that are the same for every candidate.
        var parameters: JSONValue
        /// The value that is tuned; nil for none.
        var tuned: String?
        /// Its candidates; every tuned row has as many.
        var candidates: [Double]?
        /// Whether the row starts from the pruned original.
        var sparse: Bool?

        /// The recipe with one candidate's value.
        func recipe(_ candidate: Double?) -> Recipe {
            var members = parameters.objectValue ?? [:]
            if let tuned, let candidate { members[tuned] = .number(candidate) }
            return Recipe(
                name: name, method: method, description: "", parameters: .object(members))
        }
    }

    /// What it is about, for the page.
    var title: String
    /// The parameters by which the original, and Retrain, are trained.
    var original: JSONValue
    /// The parameters by which the original is pruned; nil where no row needs it.
    var pruning: JSONValue?
    /// The rows after Retrain.
    var rows: [Row]

    /// Reads a plan.
    ///
    /// - Throws: `malformed` for what is no plan.
    init(readingFrom url: URL) throws {
        let value = try StrictJSON.parse([UInt8](Data(contentsOf: url)))
        self = try CanonicalJSON.decode(Self.self, from: CanonicalJSON.encode(value))
    }

    var retrain: Recipe {
        Recipe(name: "retrain", method: "retrain", description: "", parameters: original)
    }

    var prune: Recipe? {
        pruning.map {
            Recipe(name: "prune", method: "prune", description: "", parameters: $0)
        }
    }
}
