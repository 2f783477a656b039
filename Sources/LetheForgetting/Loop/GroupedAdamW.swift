import LetheRecords
import LetheTensor

/// Several AdamW optimisers that step together, each with its own share of the learning rate and
/// its own weight decay.
final class GroupedAdamW: Optimizer {
    private let groups: [(optimizer: AdamW, rateFactor: Double)]

    /// - Parameter groups: Each with what its learning rate is multiplied by.
    init(_ groups: [(optimizer: AdamW, rateFactor: Double)]) {
        self.groups = groups
    }

    var parameters: [Tensor] { groups.flatMap { $0.optimizer.parameters } }

    /// The rate before the factors.
    var learningRate: Double = 0 {
        didSet {
            for group in groups { group.optimizer.learningRate = learningRate * group.rateFactor }
        }
    }

    var stateTensors: [(name: String, tensor: Tensor)] {
        groups.enumerated().flatMap { position, group in
            group.optimizer.stateTensors.map { ("\(position).\($0.name)", $0.tensor) }
        }
    }

    func step() throws(LetheError) {
        for group in groups { try group.optimizer.step() }
    }
}
