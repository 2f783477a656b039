public import LetheRecords

/// Something that moves parameters along their gradients.
public protocol Optimizer: AnyObject {
    /// What is moved.
    var parameters: [Tensor] { get }
    /// How far one step goes; schedules change it between steps.
    var learningRate: Double { get set }
    /// The internal state under stable names, for a checkpoint; the tensors are live, not copies.
    var stateTensors: [(name: String, tensor: Tensor)] { get }

    /// Moves every parameter that has a gradient.
    func step() throws(LetheError)
}

extension Optimizer {
    /// Removes the gradients of all parameters.
    public func zeroGradients() throws(LetheError) {
        try Tensor.setGradients(of: parameters, to: nil)
    }

    /// Takes over a state that `stateTensors` gave, which must fit in names and shapes.
    public func restore(stateTensors: [(name: String, tensor: Tensor)]) throws(LetheError) {
        let own = self.stateTensors
        guard own.map(\.name) == stateTensors.map(\.name) else {
            throw LetheError(
                code: .invalidArgument,
                message: "The saved optimiser state belongs to other parameters.",
                remedy: "Resume with the optimiser and the model that the state was saved with.")
        }
        for (mine, saved) in zip(own, stateTensors) {
            try mine.tensor.copy(from: saved.tensor)
        }
    }
}

/// Refuses what no optimiser can move.
func requireTrainable(_ parameters: [Tensor], learningRate: Double) throws(LetheError) {
    guard learningRate.isFinite, learningRate >= 0 else {
        throw LetheError(
            code: .invalidArgument, message: "A learning rate of \(learningRate) makes no sense.",
            remedy: "Use a finite number that is not negative.")
    }
    for parameter in parameters {
        guard parameter.type.isFloatingPoint, parameter.device == parameters[0].device else {
            throw LetheError(
                code: .invalidArgument,
                message: "\(parameter) cannot be trained together with \(parameters[0]).",
                remedy: "Give floating point tensors on one device.")
        }
    }
}
