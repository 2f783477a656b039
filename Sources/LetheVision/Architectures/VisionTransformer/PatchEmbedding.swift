import LetheRecords
import LetheTensor

/// Patches, the tokens before them, and positions.
struct PatchEmbedding {
    /// Makes a token of every patch.
    let convolution: ConvolutionLayer

    private let configuration: VisionTransformerConfiguration
    private let prefixTokens: [NamedTensor]
    private let positions: NamedTensor

    init(names: CheckpointNames, parts: LayerFactory) throws(LetheError) {
        configuration = names.configuration
        convolution = ConvolutionLayer(
            name: names.patches, weight: try parts.parameter(names.patches + ".weight"),
            bias: try parts.parameter(names.patches + ".bias"),
            stride: configuration.patchSize, padding: .zeros(0), groups: 1)
        var tokens = [try parts.parameter(names.classToken)]
        if configuration.hasDistillationToken {
            tokens.append(try parts.parameter(names.distillationToken))
        }
        prefixTokens = tokens
        positions = try parts.parameter(names.positions)
    }

    /// - Parameter images: [batch, channels, height, width].
    /// - Returns: [batch, prefix tokens + patches, width].
    func callAsFunction(_ images: Tensor) throws(LetheError) -> Tensor {
        try check(images)
        let batch = images.shape[0]
        let patches = try convolution(images)
        var tokens: [Tensor] = []
        for token in prefixTokens {
            tokens.append(try token.tensor.expanded([batch, 1, configuration.width]))
        }
        tokens.append(try patches.flattened(from: 2).transposed(1, 2))
        let grid = (patches.shape[2], patches.shape[3])
        let places = try positions(grid: grid, height: images.shape[2], width: images.shape[3])
        return try Tensor.concatenated(tokens, dimension: 1) + places
    }

    private func check(_ images: Tensor) throws(LetheError) {
        let shape = images.shape
        guard shape.count == 4, shape[1] == configuration.channels else {
            throw LetheError(
                code: .invalidArgument,
                message: "The model takes images of shape [batch, \(configuration.channels), "
                    + "height, width], not \(shape).",
                remedy: "Use the model's own preprocessor_config.json.")
        }
        let side = configuration.imageSize
        guard configuration.interpolatesPositions || (shape[2] == side && shape[3] == side) else {
            throw LetheError(
                code: .invalidArgument,
                message: "The model takes images of \(side) x \(side) pixels, not "
                    + "\(shape[3]) x \(shape[2]).",
                remedy: "Resize them: set size and do_resize in preprocessor_config.json.")
        }
        guard shape[2] >= configuration.patchSize, shape[3] >= configuration.patchSize else {
            throw LetheError(
                code: .invalidArgument,
                message: "An image of \(shape[3]) x \(shape[2]) pixels is smaller than one patch.",
                remedy: "Resize it to at least \(configuration.patchSize) pixels a side.")
        }
    }

    /// The position embeddings for a grid of patches: for another grid than the trained one
    /// resampled bicubically, without antialiasing, as transformers does for DINOv2.
    private func positions(
        grid: (rows: Int, columns: Int), height: Int, width: Int
    ) throws(LetheError) -> Tensor {
        let trained = configuration.gridSize
        // The count and the square image are transformers' own condition; with both, the grid is
        // the trained one.
        if grid.rows * grid.columns == trained * trained, height == width {
            return positions.tensor
        }
        let prefix = prefixTokens.count
        let ofPrefix = try positions.tensor.narrowed(dimension: 1, start: 0, length: prefix)
        let ofPatches = try positions.tensor
            .narrowed(dimension: 1, start: prefix, length: trained * trained)
            .reshaped([1, trained, trained, configuration.width])
            .permuted([0, 3, 1, 2])
            .resized(height: grid.rows, width: grid.columns, mode: .bicubic)
            .permuted([0, 2, 3, 1])
            .reshaped([1, grid.rows * grid.columns, configuration.width])
        return try Tensor.concatenated([ofPrefix, ofPatches], dimension: 1)
    }
}
