import LetheRecords
import LetheTensor
import LetheVision

/// With how many bits a method that changes weights as they are sees the model, read from a recipe.
///
/// Weights are trained in floating point while the forward pass sees them on their grids; what is
/// delivered is on the grids.
struct QuantizationPlan: Sendable {
    /// Bits of the weights of inner layers; 0 for floating point.
    let weightBits: Int
    /// Bits of the inputs of inner layers; 0 for floating point.
    let activationBits: Int

    /// Reads the plan.
    init(_ reader: inout ParameterReader) throws(LetheError) {
        weightBits = try reader.integer("weightBits", default: 0, in: 0...8)
        activationBits = try reader.integer("activationBits", default: 0, in: 0...8)
    }

    /// Quantises a model in place; nil where nothing is to be quantised.
    ///
    /// A model that is stored as integers keeps its bits where the recipe gives none.
    func quantization(
        of model: any ImageClassifier
    ) throws(LetheError) -> ModelQuantization? {
        guard weightBits > 0 || activationBits > 0 else { return ModelQuantization(of: model) }
        return try ModelQuantization(model, weightBits: weightBits, activationBits: activationBits)
    }
}

extension ForgetProblem {
    /// Gives the inputs of quantised layers their first ranges, from one batch of what is retained.
    func calibrate() throws(LetheError) {
        guard let quantization, !quantization.statistics.isEmpty else { return }
        let batch = try batch(.retain, step: 0)
        try withoutGradient { () throws(LetheError) in
            _ = try quantization.observing { () throws(LetheError) in
                try model.logits(batch.images)
            }
        }
    }
}
