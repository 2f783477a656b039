import CTorchShim
import LetheRecords

extension Tensor {
    func applyLinear(_ weight: Tensor, _ bias: Tensor?) throws(LetheError) -> Tensor {
        try unsafe produce(using: self, weight, bias) {
            unsafe lethe_linear(handle, weight.handle, bias?.handle, $0, $1)
        }
    }

    func applyLayerNorm(
        _ shape: [Int], _ weight: Tensor?, _ bias: Tensor?, _ epsilon: Double
    ) throws(LetheError) -> Tensor {
        let sizes = int64s(shape)
        return try unsafe produce(using: self, weight, bias) {
            unsafe lethe_layer_norm(
                handle, sizes, sizes.count, weight?.handle, bias?.handle, epsilon, $0, $1)
        }
    }

    func applyBatchNorm(
        _ weight: Tensor?, _ bias: Tensor?, _ statistics: (mean: Tensor, variance: Tensor),
        _ isTraining: Bool, _ momentum: Double, _ epsilon: Double
    ) throws(LetheError) -> Tensor {
        let (mean, variance) = statistics
        let result = try unsafe produce(using: self, weight, bias, mean) {
            unsafe lethe_batch_norm(
                handle, weight?.handle, bias?.handle, mean.handle, variance.handle, isTraining,
                momentum, epsilon, $0, $1)
        }
        extendLifetime(variance)
        return result
    }

    func applyConvolution(
        _ weight: Tensor, _ bias: Tensor?, _ stride: [Int64], _ padding: [Int64], _ groups: Int
    ) throws(LetheError) -> Tensor {
        try unsafe produce(using: self, weight, bias) {
            unsafe lethe_convolve2d(
                handle, weight.handle, bias?.handle, stride, padding, Int64(groups), $0, $1)
        }
    }

    func applyPooling(
        _ operation: LethePooling, _ kernel: [Int64], _ stride: [Int64], _ padding: [Int64]
    ) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) {
            unsafe lethe_pool2d(operation, handle, kernel, stride, padding, $0, $1)
        }
    }

    func applyUnfold(
        _ kernel: [Int64], _ stride: [Int64], _ padding: [Int64]
    ) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) {
            unsafe lethe_unfold2d(handle, kernel, stride, padding, $0, $1)
        }
    }

    func attend(
        _ key: Tensor, _ value: Tensor, _ mask: Tensor?, _ scale: Double
    ) throws(LetheError) -> Tensor {
        try unsafe produce(using: self, key, value, mask) {
            unsafe lethe_attention(
                handle, key.handle, value.handle, mask?.handle, scale, $0, $1)
        }
    }

    func applyCrossEntropy(
        _ labels: Tensor, _ labelSmoothing: Double, _ reduction: LetheLossReduction
    ) throws(LetheError) -> Tensor {
        try unsafe produce(using: self, labels) {
            unsafe lethe_cross_entropy(handle, labels.handle, labelSmoothing, reduction, $0, $1)
        }
    }

    func applyDropout(
        _ probability: Double, _ generator: Generator
    ) throws(LetheError) -> Tensor {
        let result = try unsafe produce(using: self) {
            unsafe lethe_dropout(handle, probability, generator.handle, $0, $1)
        }
        extendLifetime(generator)
        return result
    }

    func applyResize(_ options: LetheResizeOptions) throws(LetheError) -> Tensor {
        var options = options
        return try unsafe produce(using: self) { unsafe lethe_resize(handle, &options, $0, $1) }
    }

    func applyPadding(
        _ mode: LethePadding, _ sizes: [Int64], _ value: Double
    ) throws(LetheError) -> Tensor {
        try unsafe produce(using: self) {
            unsafe lethe_pad2d(handle, mode, sizes, value, $0, $1)
        }
    }
}
