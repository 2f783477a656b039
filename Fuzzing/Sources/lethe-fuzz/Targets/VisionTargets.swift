internal import LetheRecords

@testable internal import LetheVision

extension Target {
    static let visionTargets = [
        Target(
            name: "image", seeds: ["Tests/Fixtures/vision/images"], longestInputBytes: 4096
        ) { input in
            let file = input.count.isMultiple(of: 2) ? PortableNetworkGraphics.mended(input) : input
            guard let codec = ImageCodec.recognised(from: file) else { return }
            let header = try codec.header(of: file)
            // Larger images are decoded too, but a fuzzer would do nothing else.
            guard header.width * header.height <= 1 << 18 else { return }
            let image = try DecodedImage.decode(file)
            require(
                image.pixels.count == image.width * image.height * image.channels,
                "An image has another number of pixels than it says")
            require(image.width == header.width && image.height == header.height, "Two sizes")
        },
        Target(name: "gzip", longestInputBytes: 1024) { input in
            let capacity = 64 << 10
            let (data, isWhole) = try Gzip.inflate(input, firstBytes: capacity)
            require(data.count <= capacity, "More came out than there is room for")
            require(!isWhole || data.count <= capacity, "An end was found behind the room")
        },
        Target(
            name: "model-configuration",
            seeds: ["Tests/Fixtures/vision/models", "Tests/Fixtures/vision/images/processors"]
        ) { input in
            let json = try StrictJSON.parse(input)
            if let network = try? ResNetConfigurationReading.read(json) {
                require(network.classCount > 0, "A residual network has no classes")
            }
            let configuration =
                json["architecture"]?.stringValue == nil
                ? try HuggingFaceConfiguration.read(json) : try TimmConfiguration.read(json)
            require(configuration.gridSize > 0, "A model has no patches")
            guard configuration.naming == .huggingFace else { return }
            let written = HuggingFaceConfiguration.write(configuration)
            let again = expecting("A configuration is read again") {
                try HuggingFaceConfiguration.read(written)
            }
            require(again.width == configuration.width, "A configuration changed its width")
            require(again.depth == configuration.depth, "A configuration changed its depth")
        },
        Target(
            name: "preprocessing", seeds: ["Tests/Fixtures/vision/images/processors"]
        ) { input in
            let json = try StrictJSON.parse(input)
            let isTimm = json["pretrained_cfg"] != nil
            let configuration =
                isTimm
                ? try TimmPreprocessing.read(json)
                : try HuggingFacePreprocessing.read(json, channels: nil)
            if let size = configuration.outputSize {
                expecting("An accepted size is in range") {
                    try DecodedImage.checkSize(width: size.width, height: size.height)
                }
            }
        },
    ]
}
