import LetheRecords
import LetheTensor

/// One tensor that a checkpoint must hold: its name there, its shape, how it begins.
struct ParameterSpecification {
    enum Initialization {
        case normal(standardDeviation: Double)
        /// Evenly spread between `-bound` and `bound`.
        case uniform(bound: Double)
        case zeros
        case ones
        case constant(Double)
    }

    let name: String
    let shape: [Int]
    let initialization: Initialization
    /// What it is to the model.
    var role = NamedTensor.Role.weight

    /// A linear layer that begins as torch's: weight and bias evenly spread within
    /// `1 / sqrt(inputs)`.
    static func uniformLinear(_ name: String, inputs: Int, outputs: Int) -> [Self] {
        let bound = 1 / Double(inputs).squareRoot()
        return [
            .init(
                name: name + ".weight", shape: [outputs, inputs],
                initialization: .uniform(bound: bound)),
            .init(name: name + ".bias", shape: [outputs], initialization: .uniform(bound: bound)),
        ]
    }

    /// Batch normalisation with its statistics, under torch's names.
    static func batchNorm(_ name: String, channels: Int) -> [Self] {
        let shape = [channels]
        return [
            .init(name: name + ".weight", shape: shape, initialization: .ones),
            .init(name: name + ".bias", shape: shape, initialization: .zeros),
            .init(
                name: name + ".running_mean", shape: shape, initialization: .zeros,
                role: .statistic),
            .init(
                name: name + ".running_var", shape: shape, initialization: .ones,
                role: .statistic),
            .init(
                name: name + ".num_batches_tracked", shape: [], initialization: .zeros,
                role: .counter),
        ]
    }

    /// The tensor that training begins with.
    fileprivate func initialTensor(generator: Generator) throws(LetheError) -> Tensor {
        switch initialization {
        case .normal(let deviation):
            return try .normal(shape: shape, standardDeviation: deviation, generator: generator)
        case .uniform(let bound):
            return try .uniform(shape: shape, low: -bound, high: bound, generator: generator)
        case .zeros: return try Tensor(zeros: shape, type: type)
        case .ones: return try Tensor(ones: shape)
        case .constant(let value): return try Tensor(filling: value, shape: shape)
        }
    }

    private var type: ElementType { role == .counter ? .int64 : .float32 }
}

extension [ParameterSpecification] {
    /// What a created model begins with: everything but passengers, in the order of the file that
    /// saving writes.
    ///
    /// Random numbers are drawn in the order of the names.
    func initialParameters(
        generator: Generator, device: Device
    ) throws(LetheError) -> [NamedTensor] {
        let sorted = filter { $0.role != .passenger }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var parameters: [NamedTensor] = []
        for specification in sorted {
            let tensor = try specification.initialTensor(generator: generator)
            parameters.append(
                NamedTensor(
                    name: specification.name, tensor: try tensor.moved(to: device),
                    storedType: tensor.type, role: specification.role))
        }
        return parameters.filter { $0.role == .counter }
            + parameters.filter { $0.role != .counter }
    }
}
