import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// A base with places for the parts of a stage: the head, and low-rank updates of the query and value
/// projections.
final class StageModel {
    /// The base; its own tensors are never changed.
    let base: VisionTransformer
    /// Which blocks learn in which stage.
    let groups: LayerGroups
    /// The digest of the base's weights.
    let digest: Digest

    /// Loads a base.
    ///
    /// - Throws: `unsupported` for a model without separate query and value projections,
    ///   `invalidArgument` for more slices than blocks, and what loading throws.
    init(folder: URL, sliceCount: Int, device: Device) throws(LetheError) {
        let model = try ClassifierLoading.load(folder: folder, device: device)
        guard let base = model as? VisionTransformer else {
            throw LetheError(
                code: .unsupported,
                message: "S3T adds low-rank updates to a vision transformer, not to a "
                    + "\(model.architectureName).",
                remedy: "Use a ViT, DeiT or DINOv2.")
        }
        guard base.blocks.allSatisfy({ $0.attention.projections.count == 3 }) else {
            throw LetheError(
                code: .unsupported,
                message:
                    "The query and value projections of this checkpoint are one tensor with the "
                    + "key (timm's qkv), but S3T updates them apart.",
                remedy: "Convert the model to the tensor names of transformers.")
        }
        self.base = base
        groups = try LayerGroups(blockCount: base.blocks.count, groupCount: sliceCount)
        digest = try FileDigest.of(folder.appending(path: "model.safetensors"))
    }

    /// The heads that every stage trains; a distilled DeiT has two.
    var heads: [LinearLayer] { [base.head] + (base.distillationHead.map { [$0] } ?? []) }

    /// The layers that get an update in a stage: query and value of each of its blocks, from the top
    /// down.
    func layers(ofStage stage: Int) -> [LinearLayer] {
        groups.blocks(ofStage: stage).reversed().flatMap { block in
            let projections = base.blocks[block].attention.projections
            return [projections[0], projections[2]]
        }
    }

    /// The layers that have an update once a stage is trained.
    func layers(upToStage stage: Int) -> [LinearLayer] {
        stage < 1 ? [] : (1...stage).flatMap { layers(ofStage: $0) }
    }

    /// Puts a stage's parts into the base, instead of any others.
    func install(_ parts: StageParts) {
        for block in base.blocks {
            for layer in block.attention.projections { layer.lowRank = parts.updates[layer.name] }
        }
        for (layer, head) in zip(heads, parts.heads) {
            layer.weight = head.weight
            layer.bias = head.bias
        }
    }
}
