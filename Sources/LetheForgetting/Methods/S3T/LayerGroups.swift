public import LetheRecords

/// Which blocks of an encoder learn in which stage: from the top down, as many in every stage
/// (arXiv:2406.16257, section 3.1).
///
/// Blocks are told apart by their number. The authors' code looks for names that contain a number, so
/// that "layer.1" is also found in "layer.10"; upper blocks then learn again in later stages.
public struct LayerGroups: Sendable, Hashable {
    /// Blocks of the encoder.
    public let blockCount: Int
    /// Stages of a sequence.
    public let groupCount: Int

    /// Divides blocks among stages.
    ///
    /// - Throws: `invalidArgument` if there are more stages than blocks, or none.
    public init(blockCount: Int, groupCount: Int) throws(LetheError) {
        guard groupCount >= 1, groupCount <= blockCount else {
            throw LetheError(
                code: .invalidArgument,
                message: "\(groupCount) stages cannot each have blocks of their own: the model has "
                    + "\(blockCount).",
                remedy: "Make a plan with 1 to \(max(1, blockCount)) slices a shard.")
        }
        self.blockCount = blockCount
        self.groupCount = groupCount
    }

    /// Blocks of one stage.
    public var groupSize: Int { blockCount / groupCount }

    /// The blocks of a stage, counted from the input; stages count from 1, the first has the uppermost.
    public func blocks(ofStage stage: Int) -> Range<Int> {
        let end = blockCount - (stage - 1) * groupSize
        return end - groupSize..<end
    }

    /// The lowest blocks, which the division leaves over: no stage trains them.
    public var untrainedBlocks: Range<Int> { 0..<blockCount - groupCount * groupSize }
}
