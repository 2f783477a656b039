import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// The weights of a pruned model that are exactly zero, and stay so (methods.md 1.7 item 3):
/// momentum and weight decay would bring them back.
struct ZeroMask {
    /// 1 where a weight may move; nil for tensors without zeros, and for vectors (biases, norms).
    private let masks: [Tensor?]

    /// Finds the zeros of the tensors with two or more dimensions.
    init(_ parameters: [Tensor]) throws(LetheError) {
        var masks: [Tensor?] = []
        for parameter in parameters {
            let alive = try parameter.detached().notEqual(
                Tensor(zeros: [1], device: parameter.device))
            let isWhole = try alive.all().scalar() != 0
            masks.append(
                parameter.rank < 2 || isWhole ? nil : try alive.converted(to: .float32))
        }
        self.masks = masks
    }

    /// Takes a mask that a version has.
    ///
    /// - Throws: `malformed` if it does not fit the weights.
    init(_ mask: PruningMask, of weights: [NamedTensor]) throws(LetheError) {
        let unknown = Set(mask.bits.keys).subtracting(weights.map(\.name))
        guard unknown.isEmpty else {
            throw LetheError(
                code: .malformed,
                message: "\(PruningMask.fileName) names a tensor that is no weight of the model: "
                    + "\((unknown.min() ?? "").prefix(80)).",
                remedy: "Take the mask that belongs to the model.")
        }
        var masks: [Tensor?] = []
        for weight in weights {
            let shape = weight.tensor.shape
            let alive = try mask.isAlive(weight.name, count: weight.tensor.count)
            guard let alive else {
                masks.append(nil)
                continue
            }
            masks.append(
                try Tensor(alive.map { $0 ? Float(1) : 0 }, shape: shape)
                    .moved(to: weight.tensor.device))
        }
        self.masks = masks
    }

    /// The mask of the model in a folder; nil if it has none.
    ///
    /// - Throws: `malformed` if it does not fit the weights, `io`.
    static func inFolder(
        _ folder: URL, of weights: [NamedTensor]
    ) throws(LetheError) -> ZeroMask? {
        let url = folder.appending(path: PruningMask.fileName)
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        do {
            let file = try FileHandle(forReadingFrom: url)
            defer { try? file.close() }
            let bytes = [UInt8](try file.read(upToCount: PruningMask.limitBytes + 1) ?? Data())
            return try ZeroMask(PruningMask(parsing: bytes), of: weights)
        } catch let error as LetheError {
            throw error
        } catch {
            throw LetheError(
                code: .io, message: "\(PruningMask.fileName) cannot be read.",
                remedy: "See that the model's folder can be read.", cause: error)
        }
    }

    /// Sets the held coordinates to zero.
    func apply(to parameters: [Tensor]) throws(LetheError) {
        for (parameter, mask) in zip(parameters, masks) {
            if let mask { try parameter.multiplyInPlace(mask) }
        }
    }

    /// The mask as a version has it.
    func record(of weights: [NamedTensor]) throws(LetheError) -> PruningMask {
        var bits: [String: [UInt8]] = [:]
        for (weight, mask) in zip(weights, masks) {
            guard let mask else { continue }
            bits[weight.name] = PruningMask.pack(try mask.floats().map { $0 != 0 })
        }
        return PruningMask(bits: bits)
    }

    /// Writes the mask of a run's result, where there is one and it is wanted.
    ///
    /// - Returns: Whether it was written.
    static func write(
        _ mask: ZeroMask?, of weights: [NamedTensor], to url: URL?
    ) throws(LetheError) -> Bool {
        guard let url, let record = try mask?.record(of: weights), !record.bits.isEmpty else {
            return false
        }
        do {
            try Data(record.encoded()).write(to: url, options: .atomic)
        } catch let error as LetheError {
            throw error
        } catch {
            throw LetheError(
                code: .io, message: "\(url.lastPathComponent) could not be written.",
                remedy: "Check free space and permissions of its folder.", cause: error)
        }
        return true
    }
}
