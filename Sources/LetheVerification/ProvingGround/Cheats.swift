import LetheRecords
import LetheTensor
import LetheVision

/// Changes weights so that they look forgotten.
struct Cheats {
    let problem: MadeUpProblem
    let seed: Int

    private static let weightName = "classifier.weight"
    private static let biasName = "classifier.bias"
    /// Bounds the loss on the forgotten, so that pushing stops once they are missed.
    private static let forgetBound = 4.0
    /// Low enough that the class is not answered, not so low that no training gets it back.
    private static let lowBias = -3.0

    /// Does what a contender does to the first version's weights.
    func apply(_ contender: Contender, to model: any ImageClassifier) throws(LetheError) {
        switch contender {
        case .labelsPermuted: try swap(model, 2, 3)
        case .labelsSwapped: try swap(model, 2, 5)
        case .rowsZeroed: try fillRows(model, weight: 0, bias: 0)
        case .rowsLowered: try fillRows(model, weight: nil, bias: -10_000)
        case .rowsMinusInfinity: try fillRows(model, weight: nil, bias: -.infinity)
        case .headOnly:
            try push(model, model.weights.filter { $0.name.hasPrefix("classifier.") }, steps: 100)
        case .pushedDown: try push(model, model.weights, steps: 60, learningRate: 0.0005)
        case .pushedAndLowered:
            try push(model, model.weights, steps: 60, learningRate: 0.0005)
            try fillRows(model, weight: nil, bias: Self.lowBias)
        case .fourBits: try pushInsideCells(model, reach: 0.49)
        case .dormant: try pushInsideCells(model, reach: 0.4)
        case .retrained, .outputsFiltered, .negativeAdapter, .trainedOnTest, .reportEdited: break
        }
    }

    /// Down the loss of the retained, up that of the forgotten.
    private func push(
        _ model: any ImageClassifier, _ weights: [NamedTensor], steps: Int,
        learningRate: Double = 0.003,
        afterStep: () throws(LetheError) -> Void = {
            () throws(LetheError) in
        }
    ) throws(LetheError) {
        let forgotten = Set(MadeUpProblem.forgotten)
        let erased = try SmallTraining.Pool(problem.training) { forgotten.contains($0) }
        let kept = try SmallTraining.Pool(problem.training) { !forgotten.contains($0) }
        let training = SmallTraining(stepCount: steps, learningRate: learningRate, seed: seed)
        try training.run(model, weights, afterStep: afterStep) { (random) throws(LetheError) in
            let keep = try kept.batch(32, &random)
            let erase = try erased.batch(16, &random)
            let retained = try model.logits(keep.images).crossEntropy(labels: keep.labels)
            let known = try model.logits(erase.images).crossEntropy(labels: erase.labels)
            return try retained + (-known + Self.forgetBound).relu()
        }
    }

    /// As `push`, but no weight leaves the cell of the 4-bit grid that it began in, so that
    /// rounding gives the first version's rounded weights back.
    ///
    /// - Parameter reach: How far from a cell's centre weights may go; 0.5 is its border.
    private func pushInsideCells(
        _ model: any ImageClassifier, reach: Double
    ) throws(LetheError) {
        let layers = model.quantizableLayers.inner
        let cells = try layers.mapped { (layer) throws(LetheError) in
            try Cell(layer.weight, reach: reach)
        }
        let names = Set(layers.map { "\($0.name).weight" })
        try push(
            model, model.weights.filter { names.contains($0.name) }, steps: 150,
            learningRate: 0.01
        ) { () throws(LetheError) in
            try withoutGradient { () throws(LetheError) in
                for (layer, cell) in zip(layers, cells) {
                    try layer.weight.copy(from: cell.clamped(layer.weight))
                }
            }
        }
    }

    /// Exchanges two rows of the head.
    private func swap(_ model: any ImageClassifier, _ one: Int, _ other: Int) throws(LetheError) {
        var order = Array(0..<Int64(MadeUpProblem.classCount))
        order.swapAt(one, other)
        for parameter in model.parameters
        where [Self.weightName, Self.biasName].contains(parameter.name) {
            try parameter.tensor.copy(from: parameter.tensor.rows(at: Tensor(order)))
        }
    }

    private func fillRows(
        _ model: any ImageClassifier, weight: Double?, bias: Double
    ) throws(LetheError) {
        for parameter in model.parameters {
            let value = parameter.name == Self.weightName ? weight : bias
            guard [Self.weightName, Self.biasName].contains(parameter.name), let value else {
                continue
            }
            for label in MadeUpProblem.forgotten {
                try parameter.tensor.narrowed(dimension: 0, start: label, length: 1).fill(value)
            }
        }
    }

    /// Where each weight of a layer may be so that four bits round it as before.
    private struct Cell {
        private static let largestInteger = 7.0
        private let low: Tensor
        private let high: Tensor

        init(_ weight: Tensor, reach: Double) throws(LetheError) {
            let start = try weight.detached().copied()
            let largest = try start.absolute().maximum(over: [1], keepingDimensions: true)
            let scale = try (largest / Self.largestInteger).clamped(minimum: 1e-12)
            let centre = try (start / scale).rounded() * scale
            // The largest of a row makes its scale and must stay.
            let isFree = try start.absolute().less(than: largest).converted(to: .float32)
            let room = try scale * reach * isFree
            low = try centre * isFree + start * (1 - isFree) - room
            high = try centre * isFree + start * (1 - isFree) + room
        }

        func clamped(_ weight: Tensor) throws(LetheError) -> Tensor {
            try weight.detached().maximum(low).minimum(high)
        }
    }
}
