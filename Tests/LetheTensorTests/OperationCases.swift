import LetheTensor
import Testing

/// One operation of the golden file and how to run it in Swift.
struct OperationCase: Sendable, CustomTestStringConvertible {
    let name: String
    let run: @Sendable (Golden) throws -> Tensor

    init(_ name: String, _ run: @escaping @Sendable (Golden) throws -> Tensor) {
        self.name = name
        self.run = run
    }

    var testDescription: String { name }

    static let all =
        elementwise + binary + reductions + shapes + indexing + network + images + conversions

    static let elementwise = [
        OperationCase("negate") { try -$0("x") },
        OperationCase("absolute") { try $0("x").absolute() },
        OperationCase("signs") { try $0("x").signs() },
        OperationCase("square") { try $0("x").square() },
        OperationCase("square-root") { try $0("x").squareRoot() },
        OperationCase("reciprocal") { try $0("x").reciprocal() },
        OperationCase("exponential") { try $0("x").exponential() },
        OperationCase("logarithm") { try $0("x").logarithm() },
        OperationCase("logarithm-of-one-plus") { try $0("x").logarithmOfOnePlus() },
        OperationCase("sine") { try $0("x").sine() },
        OperationCase("cosine") { try $0("x").cosine() },
        OperationCase("tanh") { try $0("x").tanh() },
        OperationCase("sigmoid") { try $0("x").sigmoid() },
        OperationCase("softplus") { try $0("x").softplus() },
        OperationCase("relu") { try $0("x").relu() },
        OperationCase("gelu") { try $0("x").gelu() },
        OperationCase("gelu-tanh") { try $0("x").gelu(approximate: .tanh) },
        OperationCase("silu") { try $0("x").silu() },
        OperationCase("error-function") { try $0("x").errorFunction() },
        OperationCase("floor") { try $0("x").floored() },
        OperationCase("round") { try $0("x").rounded() },
        OperationCase("power") { try $0("x").power(3) },
        OperationCase("scalars") { golden in
            let x = try golden("x")
            return try (1 - (2 * x + 0.5) / 4) - 0.25
        },
        OperationCase("divide-into") { try 3 / $0("x") },
        OperationCase("clamp") { try $0("x").clamped(minimum: -0.5, maximum: 0.75) },
        OperationCase("clamp-minimum") { try $0("x").clamped(minimum: 0.1) },
    ]

    static let binary = [
        OperationCase("add") { try $0("a") + $0("b") },
        OperationCase("subtract") { try $0("a") - $0("b") },
        OperationCase("multiply") { try $0("a") * $0("b") },
        OperationCase("divide") { try $0("a") / $0("b") },
        OperationCase("maximum-of-two") { try $0("a").maximum($0("b")) },
        OperationCase("minimum-of-two") { try $0("a").minimum($0("b")) },
        OperationCase("less") { try $0("a").less(than: $0("b")) },
        OperationCase("greater") { try $0("a").greater(than: $0("b")) },
        OperationCase("where") { golden in
            let (a, b) = (try golden("a"), try golden("b"))
            return try Tensor.where(a.greater(than: b), a, b * 2)
        },
        OperationCase("matmul") { try $0("a").matmul($0("b")) },
    ]

    static let reductions = [
        OperationCase("sum") { try $0("x").sum() },
        OperationCase("sum-dimensions") { try $0("x").sum(over: [0, 2]) },
        OperationCase("mean") { try $0("x").mean() },
        OperationCase("mean-kept") { try $0("x").mean(over: [-1], keepingDimensions: true) },
        OperationCase("maximum") { try $0("x").maximum() },
        OperationCase("maximum-dimension") { try $0("x").maximum(over: [1]) },
        OperationCase("minimum") { try $0("x").minimum() },
        OperationCase("variance") { try $0("x").variance(over: [0, 1]) },
        OperationCase("norm") { try $0("x").norm() },
        OperationCase("norm-dimension") { try $0("x").norm(over: [2]) },
        OperationCase("log-sum-exp") { try $0("x").logSumExp(over: [2]) },
        OperationCase("argument-maximum") { try $0("x").argumentMaximum(dimension: 2) },
        OperationCase("argument-minimum") { try $0("x").argumentMinimum(dimension: 1) },
        OperationCase("cumulative-sum") { try $0("x").cumulativeSum(dimension: 1) },
        OperationCase("softmax") { try $0("x").softmax(dimension: -1) },
        OperationCase("log-softmax") { try $0("x").logSoftmax(dimension: 1) },
        OperationCase("all") { try $0("x").greater(than: -1.9).all() },
        OperationCase("any") { try $0("x").greater(than: 1.9).any(over: [2]) },
    ]

    static let shapes = [
        OperationCase("transposed") { try $0("x").transposed(0, 2) },
        OperationCase("permuted") { try $0("x").permuted([2, 0, 1]) },
        OperationCase("reshaped") { try $0("x").reshaped([4, -1]) },
        OperationCase("flattened") { try $0("x").flattened(from: 1) },
        OperationCase("unsqueezed") { try $0("x").unsqueezed(1) },
        OperationCase("squeezed") {
            try $0("x").narrowed(dimension: 1, start: 0, length: 1).squeezed(1)
        },
        OperationCase("flipped") { try $0("x").flipped(dimensions: [0, 2]) },
        OperationCase("expanded") {
            try $0("x").narrowed(dimension: 1, start: 0, length: 1).expanded([2, 5, 4])
        },
        OperationCase("repeated") { try $0("x").repeated([1, 2, 1]) },
        OperationCase("narrowed") { try $0("x").narrowed(dimension: 2, start: 1, length: 2) },
        OperationCase("selected") { try $0("x").selected(dimension: 1, index: 2) },
        OperationCase("concatenated") { golden in
            let x = try golden("x")
            let first = try x.narrowed(dimension: 1, start: 0, length: 1)
            return try Tensor.concatenated([x, first], dimension: 1)
        },
        OperationCase("stacked") { golden in
            let x = try golden("x")
            let rows = try (0..<2).map { try x.selected(dimension: 0, index: $0) }
            return try Tensor.stacked(rows, dimension: 2)
        },
        OperationCase("split") { try $0("x").split(sizes: [1, 3], dimension: 2)[1] },
    ]

    static let indexing = [
        OperationCase("top-k-values") { try $0("x").topK(2).values },
        OperationCase("top-k-indices") { try $0("x").topK(2).indices },
        OperationCase("sorted-values") {
            try $0("x").sorted(dimension: 1, descending: true).values
        },
        OperationCase("sorted-indices") {
            try $0("x").sorted(dimension: 1, descending: true).indices
        },
        OperationCase("nonzero") { try $0("x").greater(than: 1).nonzeroPositions() },
        OperationCase("rows") { try $0("x").rows(at: $0("indices")) },
        OperationCase("slices") { try $0("x").slices(dimension: 2, at: $0("indices")) },
        OperationCase("gathered") { try $0("x").gathered(dimension: 2, indices: $0("indices")) },
        OperationCase("adding") { try $0("x").adding($0("source"), at: $0("indices")) },
        OperationCase("one-hot") { try $0("indices").oneHot(classCount: 5) },
    ]

    static let network = [
        OperationCase("linear") { try $0("x").linear(weight: $0("weight"), bias: $0("bias")) },
        OperationCase("layer-norm") {
            try $0("x").layerNormalized(
                shape: [6], weight: $0("weight"), bias: $0("bias"), epsilon: 1e-6)
        },
        OperationCase("convolved") {
            try $0("x").convolved2D(
                weight: $0("weight"), bias: $0("bias"), stride: 2, padding: 1)
        },
        OperationCase("convolved-depthwise") {
            try $0("x").convolved2D(weight: $0("weight"), padding: 1, groups: 3)
        },
        OperationCase("average-pooled") {
            try $0("x").averagePooled2D(kernel: 3, stride: 2, padding: 1)
        },
        OperationCase("maximum-pooled") {
            try $0("x").maximumPooled2D(kernel: 3, stride: 2, padding: 1)
        },
        OperationCase("batch-norm") { try batchNormalized($0, isTraining: false) },
        OperationCase("batch-norm-training") { try batchNormalized($0, isTraining: true) },
        OperationCase("unfolded") { try $0("x").unfolded2D(kernel: 3, stride: 2, padding: 1) },
        OperationCase("attention") {
            try Tensor.scaledDotProductAttention(query: $0("q"), key: $0("k"), value: $0("v"))
        },
        OperationCase("attention-masked") {
            try Tensor.scaledDotProductAttention(
                query: $0("q"), key: $0("k"), value: $0("v"), mask: $0("mask"), scale: 0.3)
        },
        OperationCase("cross-entropy") { try $0("x").crossEntropy(labels: $0("labels")) },
        OperationCase("cross-entropy-smoothed") {
            try $0("x").crossEntropy(labels: $0("labels"), labelSmoothing: 0.1)
        },
        OperationCase("cross-entropy-none") {
            try $0("x").crossEntropy(labels: $0("labels"), reduction: .none)
        },
        OperationCase("cross-entropy-sum") {
            try $0("x").crossEntropy(labels: $0("labels"), reduction: .sum)
        },
    ]

    /// The statistics are compared here, since they change beside the result.
    private static func batchNormalized(_ golden: Golden, isTraining: Bool) throws -> Tensor {
        let (mean, variance) = (try golden("mean"), try golden("variance"))
        let result = try golden("x").batchNormalized(
            weight: golden("weight"), bias: golden("bias"), mean: mean, variance: variance,
            isTraining: isTraining, momentum: 0.3, epsilon: 1e-3)
        try expectClose(mean, golden("new-mean"))
        try expectClose(variance, golden("new-variance"))
        return result
    }

    static let images = [
        OperationCase("resize-nearest") {
            try $0("x").resized(height: 4, width: 9, mode: .nearest)
        },
        OperationCase("resize-bilinear") { try $0("x").resized(height: 4, width: 9) },
        OperationCase("resize-bilinear-corners") {
            try $0("x").resized(height: 4, width: 9, alignCorners: true)
        },
        OperationCase("resize-bilinear-antialias") {
            try $0("x").resized(height: 3, width: 4, antialias: true)
        },
        OperationCase("resize-bicubic") {
            try $0("x").resized(height: 4, width: 9, mode: .bicubic)
        },
        OperationCase("resize-bicubic-antialias") {
            try $0("x").resized(height: 3, width: 4, mode: .bicubic, antialias: true)
        },
        OperationCase("resize-bicubic-scaled") {
            try $0("x").resized(
                height: 9, width: 9, mode: .bicubic, heightScale: 1.51, widthScale: 1.32)
        },
        OperationCase("resize-bilinear-bytes") {
            try $0("x").resized(height: 4, width: 5, antialias: true)
        },
        OperationCase("resize-bicubic-bytes") {
            try $0("x").resized(height: 4, width: 5, mode: .bicubic, antialias: true)
        },
        OperationCase("pad-constant") {
            try $0("x").padded2D(left: 1, right: 2, top: 0, bottom: 3, mode: .constant(0.5))
        },
        OperationCase("pad-reflect") {
            try $0("x").padded2D(left: 1, right: 2, top: 2, bottom: 1, mode: .reflect)
        },
        OperationCase("pad-replicate") {
            try $0("x").padded2D(left: 1, right: 2, top: 0, bottom: 3, mode: .replicate)
        },
    ]

    static let conversions = [
        OperationCase("to-float16") { try $0("x").converted(to: .float16) },
        OperationCase("to-bfloat16") { try $0("x").converted(to: .bfloat16) },
        OperationCase("to-int64") { try $0("x").converted(to: .int64) },
    ]
}
