import LetheRecords

extension GSLoRAParameters {
    /// The weights and the bound of the terms that look at what the head sees; all are off by
    /// default.
    struct Features: Sendable {
        /// Weight w_f of relu(bound - K): away from the forgotten classes' prototypes.
        let prototypeForgetWeight: Double
        /// The bound of K in nats; 0 measures it.
        ///
        /// Measured, it is how far the forgotten prototypes lie from those of the retained classes
        /// (our choice). The paper's scripts say 18, and 50 for few shots, which fit the embeddings
        /// of their face model.
        let prototypeBound: Double
        /// Weight w_r of K on retained samples: towards their prototypes (0 in all published runs).
        let prototypeRetainWeight: Double
        /// Weight of the pull of forget samples towards the retained classes that they resemble.
        let featureForgetWeight: Double
        /// Weight of the term that lets samples of a forgotten class be no more alike than others.
        let dispersionWeight: Double

        /// Whether any term is on, so that features and prototypes are needed.
        var isUsed: Bool {
            [prototypeForgetWeight, prototypeRetainWeight, featureForgetWeight, dispersionWeight]
                .contains { $0 > 0 }
        }
    }
}

extension GSLoRAParameters.Features {
    init(_ reader: inout ParameterReader) throws(LetheError) {
        prototypeForgetWeight = try reader.number("prototypeForgetWeight", default: 0, in: 0...1e3)
        prototypeBound = try reader.number("prototypeBound", default: 0, in: 0...1e3)
        prototypeRetainWeight = try reader.number("prototypeRetainWeight", default: 0, in: 0...1e3)
        featureForgetWeight = try reader.number("featureForgetWeight", default: 0, in: 0...1e3)
        dispersionWeight = try reader.number("dispersionWeight", default: 0, in: 0...1e3)
    }
}
