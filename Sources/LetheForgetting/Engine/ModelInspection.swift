import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// Describes a model folder.
enum ModelInspection {
    /// Reads configuration and headers; a model that loads is one that runs.
    static func describe(_ folder: URL) throws(LetheError) -> ModelDescription {
        _ = try ImagePreprocessor(folder: folder)
        let (configuration, parameterCount) = try VisionTransformer.inspect(folder: folder)
        return ModelDescription(
            architecture: configuration.architectureName,
            classCount: configuration.classCount, parameterCount: parameterCount)
    }
}

extension VisionTransformerConfiguration {
    /// The reference class, as `architectures` of config.json names it, or timm's family.
    fileprivate var architectureName: String {
        guard naming == .huggingFace else { return "timm \(family.rawValue)" }
        return switch family {
        case .vit: "ViTForImageClassification"
        case .deit:
            pooling == .classToken
                ? "DeiTForImageClassification" : "DeiTForImageClassificationWithTeacher"
        case .dinov2: "Dinov2ForImageClassification"
        }
    }
}
