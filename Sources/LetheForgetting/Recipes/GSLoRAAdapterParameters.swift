import LetheRecords
import LetheVision

/// Which linear layers of a block get a low-rank update.
enum AdapterPlace: String, CaseIterable, Sendable {
    /// The two feed-forward layers, as the paper does.
    case feedForward
    /// Query, key, value and output of the attention (an ablation of the paper, which adapts the
    /// projections only).
    case attention
    /// Both kinds.
    case both
}

/// How the group lasso shrinks the blocks.
enum GroupLassoForm: String, CaseIterable, Sendable {
    /// The published form: a term of the loss. AdamW never makes a group exactly zero with it.
    case subgradient
    /// Ours: a proximal step after the optimiser's, which does.
    case proximal
}

extension GSLoRAParameters {
    /// What the updates start from.
    struct Start: Sendable {
        /// Which start.
        enum Form: String, CaseIterable, Sendable {
            /// The published one: A random, B zero.
            case random
            /// Ours: the last update begins as a closed-form edit (`ClosedFormStart`).
            case closedForm
        }

        let form: Form
        /// How far, in nats, the edit lowers a forgotten class below the retained ones.
        let margin: Double
        /// What is added to the diagonal of the second moments, as a share of its mean.
        let ridge: Double

        init(_ reader: inout ParameterReader) throws(LetheError) {
            form = try reader.choice("start", default: .random)
            margin = try reader.number("closedFormMargin", default: 4, in: -100...100)
            ridge = try reader.number("closedFormRidge", default: 0.1, in: 1e-6...1e6)
        }
    }

    /// The position of the first block that is adapted.
    func firstAdaptedBlock(of model: any ImageClassifier) -> Int {
        guard adaptedBlockCount > 0 else { return 0 }
        return max(0, model.adapterBlocks.count - adaptedBlockCount)
    }
}
