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
    /// The position of the first block that is adapted.
    func firstAdaptedBlock(of model: any ImageClassifier) -> Int {
        guard adaptedBlockCount > 0 else { return 0 }
        return max(0, model.adapterBlocks.count - adaptedBlockCount)
    }
}
