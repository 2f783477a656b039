import LetheRecords
import LetheTensor

/// A convolution without bias and the batch normalisation behind it, before they have weights.
struct ConvolutionPlan {
    /// The convolution's name in the checkpoint.
    let name: String
    /// The normalisation's name in the checkpoint.
    let normalizationName: String
    let inputs: Int
    let outputs: Int
    let kernel: Int
    let stride: Int
    var groups = 1

    /// Its tensors in a checkpoint.
    ///
    /// Created weights begin as torchvision's: normal with the deviation
    /// `sqrt(2 / (outputs · kernel²))` (arXiv:1502.01852, from the outgoing connections), the
    /// normalisation with 1 and 0.
    var specifications: [ParameterSpecification] {
        let fanOut = Double(outputs * kernel * kernel)
        let weight = ParameterSpecification(
            name: name + ".weight", shape: [outputs, inputs / groups, kernel, kernel],
            initialization: .normal(standardDeviation: (2 / fanOut).squareRoot()))
        return [weight] + ParameterSpecification.batchNorm(normalizationName, channels: outputs)
    }
}

/// A convolution without bias and the batch normalisation behind it.
struct NormalizedConvolution {
    let convolution: ConvolutionLayer
    let normalization: BatchNormalizationLayer

    func callAsFunction(_ input: Tensor) throws(LetheError) -> Tensor {
        try normalization(convolution(input))
    }
}
