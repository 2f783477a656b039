public import Foundation
public import LetheRecords
public import LetheTensor

/// Several vision transformers that share a base and differ in a head and low-rank updates; the
/// answer is the mean of their scores (arXiv:2406.16257, section 3.1).
///
/// The base is loaded once; a member's parts are put into it when the member is asked. Its features
/// are its scores, because the members have no features in common. Not `Sendable`: it belongs to the
/// thread or actor that loaded it.
public final class Ensemble: ImageClassifier {
    private let base: VisionTransformer
    private let members: [EnsembleMember]

    /// Loads the ensemble of a folder with `ensemble.json`; every file is compared with its digest.
    ///
    /// - Throws: `notFound`, `integrity` for other bytes, `unsupported` for a base that is no vision
    ///   transformer, `malformed` for a member that does not fit the base, `device`.
    public static func load(folder: URL, device: Device = .cpu) throws(LetheError) -> Ensemble {
        let record = try EnsembleFiles.read(folder)
        try EnsembleFiles.require([record.base] + record.members, in: folder)
        let base = try VisionTransformer.load(folder: folder, device: device)
        var members: [EnsembleMember] = []
        for file in record.members {
            let tensors = try Safetensors.open(folder.appending(path: file.path))
            members.append(try EnsembleMember(tensors, named: file.path, for: base))
        }
        return Ensemble(base, members)
    }

    private init(_ base: VisionTransformer, _ members: [EnsembleMember]) {
        self.base = base
        self.members = members
    }

    /// The base's, with the number of members.
    public var architectureName: String { "\(base.architectureName) x \(members.count)" }
    /// How many classes the heads tell apart.
    public var classCount: Int { base.classCount }
    /// As many as there are classes.
    public var featureWidth: Int { base.classCount }
    /// The base's tensors.
    public var parameters: [NamedTensor] { base.parameters }
    /// The header of the base's file.
    public var header: SafetensorsHeader? { base.header }
    /// The device that the parameters are on.
    public var device: Device { base.device }
    /// A vision transformer computes the same either way.
    public var isTraining = false
    /// None: the members have taken them.
    public var adapterBlocks: [AdapterBlock] { [] }
    /// None.
    public var quantizableLayers: QuantizableLayers {
        QuantizableLayers(first: [], inner: [], last: [])
    }

    /// The mean scores of every class.
    ///
    /// - Parameter images: [batch, channels, height, width], preprocessed.
    /// - Returns: [batch, classes].
    /// - Throws: `invalidArgument` for images of a wrong shape or size.
    public func features(_ images: Tensor) throws(LetheError) -> Tensor {
        var sum: Tensor?
        for member in members {
            member.install()
            let logits = try base.logits(images)
            sum = if let sum { try sum + logits } else { logits }
        }
        guard let sum else {
            throw LetheError(code: .notFound, message: "The ensemble has no member.")
        }
        return try sum / Double(members.count)
    }

    /// The scores as they are.
    public func classify(features: Tensor) throws(LetheError) -> Tensor { features }
}

/// What a member lays over the base.
private struct EnsembleMember {
    private static let prefix = "base_model.model."

    private var heads: [(layer: LinearLayer, weight: Tensor, bias: Tensor?)] = []
    private var updates: [(layer: any AdaptableLayer, update: LowRankUpdate?)] = []

    /// - Throws: `malformed` for tensors that are missing, of other shapes, or too many.
    init(
        _ file: SafetensorsFile, named name: String, for base: VisionTransformer
    ) throws(LetheError) {
        var taken: Set<String> = []
        func tensor(_ tensorName: String, _ shape: [Int?]) throws(LetheError) -> Tensor? {
            guard file.contains(tensorName) else { return nil }
            let tensor = try file.tensor(named: tensorName)
            let fits =
                tensor.type == .float32 && tensor.shape.count == shape.count
                && zip(tensor.shape, shape).allSatisfy { $1 == nil || $0 == $1 }
            guard fits else { throw Self.misfit(name, tensorName) }
            taken.insert(tensorName)
            return try tensor.moved(to: base.device)
        }
        let scale = file.header.metadata["scale"].flatMap(Double.init)
        for layer in base.adapterBlocks.flatMap({ $0.attention + $0.feedForward }) {
            let (shape, layerName) = (layer.weight.shape, Self.prefix + layer.name)
            let down = try tensor("\(layerName).lora_A.weight", [nil, shape[1]])
            let up = try tensor("\(layerName).lora_B.weight", [shape[0], down?.shape[0]])
            guard (down == nil) == (up == nil), down == nil || scale != nil else {
                throw Self.misfit(name, layer.name)
            }
            var update: LowRankUpdate?
            if let down, let up, let scale {
                update = LowRankUpdate(down: down, up: up, scale: scale)
            }
            updates.append((layer, update))
        }
        for layer in [base.head] + (base.distillationHead.map { [$0] } ?? []) {
            let layerName = Self.prefix + layer.name
            guard let weight = try tensor("\(layerName).weight", layer.weight.shape) else {
                throw Self.misfit(name, layer.name)
            }
            let bias = try layer.bias.map { $0.shape }.flatMapping { (shape) throws(LetheError) in
                try tensor("\(layerName).bias", shape)
            }
            guard (bias == nil) == (layer.bias == nil) else { throw Self.misfit(name, layer.name) }
            heads.append((layer, weight, bias))
        }
        guard let stray = file.names.first(where: { !taken.contains($0) }) else { return }
        throw Self.misfit(name, stray)
    }

    /// Puts the parts into the base, instead of any others.
    func install() {
        for (layer, update) in updates { layer.lowRank = update }
        for head in heads {
            head.layer.weight = head.weight
            head.layer.bias = head.bias
        }
    }

    private static func misfit(_ file: String, _ tensor: String) -> LetheError {
        LetheError(
            code: .malformed,
            message: "\(file) does not fit the base: \(tensor) is missing, too much or of another "
                + "shape.",
            remedy: "Pull the version again.")
    }
}

extension Optional {
    /// `flatMap` for closures that throw a known error.
    fileprivate func flatMapping<Result, Failure: Error>(
        _ transform: (Wrapped) throws(Failure) -> Result?
    ) throws(Failure) -> Result? {
        if let self { try transform(self) } else { nil }
    }
}
