import LetheRecords
import LetheVision

/// Ordinary top-1 on the forgotten classes after the weights were rounded to a few bits, which can
/// undo what small changes of weights achieved (QUAIL, arXiv:2601.15538).
enum RoundedAccuracy {
    /// Whether the rounded model names each test image of the forgotten classes.
    static func hits(
        _ model: ProbedModel, samples: ProbeSamples, bits: Int
    ) throws(LetheError) -> [String: [Bool]?] {
        let rounded = try model.fresh()
        // Computed in float32 whatever the file stores, and never written.
        try ModelQuantization(
            rounded.model, weightBits: bits, activationBits: 0, isWritten: false
        ).settle()
        var hits: [String: [Bool]?] = [:]
        for request in samples.requests {
            let test = samples.test(of: request)
            hits.updateValue(test.isEmpty ? nil : try rounded.hits(test), forKey: request.id)
        }
        return hits
    }
}
