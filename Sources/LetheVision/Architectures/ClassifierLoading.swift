public import Foundation
public import LetheRecords
public import LetheTensor

/// Loads whatever image classifier a folder holds.
public enum ClassifierLoading {
    /// Loads the model that `config.json` describes, or the ensemble that `ensemble.json` does; a
    /// model that is stored as integers computes with its bits.
    ///
    /// - Throws: `unsupported` for an architecture, a setting or a tensor type that is not handled,
    ///   `malformed` naming missing, unexpected or misshapen tensors, `refused` for a pickle,
    ///   `notFound`, `device`.
    public static func load(
        folder: URL, device: Device = .cpu
    ) throws(LetheError) -> any ImageClassifier {
        if EnsembleFiles.isPresent(in: folder) {
            return try Ensemble.load(folder: folder, device: device)
        }
        let model = try loadWeights(folder: folder, device: device)
        try StoredQuantization.restore(model, from: folder)
        return model
    }

    private static func loadWeights(
        folder: URL, device: Device
    ) throws(LetheError) -> any ImageClassifier {
        switch try Family(folder: folder) {
        case .residual: try ResNet.load(folder: folder, device: device)
        case .efficient: try EfficientNetLite.load(folder: folder, device: device)
        case .face: try FaceTransformer.load(folder: folder, device: device)
        case .transformer: try VisionTransformer.load(folder: folder, device: device)
        }
    }

    /// What `load` would load, from `config.json` and the headers alone: no number is read, and
    /// memory does not depend on the size of the model.
    ///
    /// - Throws: what `load` throws.
    public static func inspect(folder: URL) throws(LetheError) -> ModelDescription {
        switch try Family(folder: folder) {
        case .residual:
            let (configuration, count) = try ResNet.inspect(folder: folder)
            return ModelDescription(
                architecture: configuration.architectureName,
                classCount: configuration.classCount, parameterCount: count)
        case .efficient:
            let (configuration, count) = try EfficientNetLite.inspect(folder: folder)
            return ModelDescription(
                architecture: EfficientNetLiteConfiguration.architectureName,
                classCount: configuration.classCount, parameterCount: count)
        case .face:
            let (configuration, count) = try FaceTransformer.inspect(folder: folder)
            return ModelDescription(
                architecture: FaceTransformerConfiguration.architectureName,
                classCount: configuration.classCount, parameterCount: count)
        case .transformer:
            let (configuration, count) = try VisionTransformer.inspect(folder: folder)
            return ModelDescription(
                architecture: configuration.architectureName,
                classCount: configuration.classCount, parameterCount: count)
        }
    }

    /// Makes the model that `config.json` describes with random weights.
    ///
    /// - Throws: `unsupported` or `malformed` for the configuration, `device`.
    public static func create(
        folder: URL, generator: Generator, device: Device = .cpu
    ) throws(LetheError) -> any ImageClassifier {
        switch try Family(folder: folder) {
        case .residual:
            return try ResNet.create(
                ResNetConfiguration(folder: folder), generator: generator, device: device)
        case .efficient:
            return try EfficientNetLite.create(
                EfficientNetLiteConfiguration(folder: folder), generator: generator,
                device: device)
        case .face:
            return try FaceTransformer.create(
                FaceTransformerConfiguration(folder: folder), generator: generator,
                device: device)
        case .transformer:
            return try VisionTransformer.create(
                VisionTransformerConfiguration(folder: folder), generator: generator,
                device: device)
        }
    }
}

/// Which of our classes a folder is for; an architecture that none knows is left to the
/// transformers, whose refusal names them all.
private enum Family {
    case transformer
    case residual
    case efficient
    case face

    init(folder: URL) throws(LetheError) {
        let json = try ConfigurationFile.read(folder.appending(path: "config.json"))
        let name = json["architectures"]?.arrayValue?.first?.stringValue ?? ""
        if ResNetConfiguration.Naming(rawValue: name) != nil {
            self = .residual
        } else if name == EfficientNetLiteConfiguration.architectureName {
            self = .efficient
        } else if name == FaceTransformerConfiguration.architectureName {
            self = .face
        } else {
            self = .transformer
        }
    }
}
