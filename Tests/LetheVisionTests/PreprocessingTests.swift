import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

@Suite("Preprocessing")
struct PreprocessingTests {
    static let processors = VisionFixtures.images.appending(path: "processors")

    @Test("Every filter equals Pillow bit for bit, smaller and larger")
    func resizing() throws {
        let file = try Safetensors.open(
            VisionFixtures.images.appending(path: "resized.safetensors"))
        #expect(file.names.count == 60)
        for name in file.names {
            let parts = name.split(separator: "/")
            let size = try parts[2].split(separator: "x").map { try #require(Int($0)) }
            let image = try VisionFixtures.image(String(parts[0]))
            let preprocessor = try ImagePreprocessor(
                PreprocessingConfiguration(
                    channels: image.channels, resize: .exact(height: size[1], width: size[0]),
                    filter: try #require(Int(parts[1]).flatMap(ResamplingFilter.init)),
                    mean: nil, standardDeviation: nil))
            let resized = try preprocessor.prepared(image)
            #expect(try resized.pixels == file.tensor(named: name).bytes(), "\(name)")
        }
    }

    @Test(
        "Hugging Face processors equal transformers",
        arguments: ["vit", "vit-small", "deit", "bit", "bit-padded", "bare"])
    func huggingFace(name: String) throws {
        let preprocessor = try ImagePreprocessor(folder: Self.processors.appending(path: name))
        var values = try preprocessor(VisionFixtures.image("rgb-420.jpg"))
        let expected = try Safetensors.open(
            VisionFixtures.images.appending(path: "preprocessed.safetensors")
        ).tensor(named: name)
        if name == "vit" {  // its golden file holds every sixteenth row and column
            let places = try Tensor((0..<14).map { Int64($0 * 16) })
            values = try values.slices(dimension: 1, at: places).slices(dimension: 2, at: places)
        }
        #expect(try VisionFixtures.distance(values, expected) == 0)
    }

    @Test("timm's evaluation transform is reproduced", arguments: ["center", "squash"])
    func timm(name: String) throws {
        let preprocessor = try ImagePreprocessor(
            folder: Self.processors.appending(path: "timm-\(name)"))
        let values = try preprocessor(VisionFixtures.image("rgb-420.jpg"))
        let expected = try Safetensors.open(
            VisionFixtures.images.appending(path: "preprocessed-timm.safetensors")
        ).tensor(named: name)
        #expect(try VisionFixtures.distance(values, expected) < 1e-6)
    }

    @Test("A grey image is repeated for an RGB model; RGB becomes luma for a grey one")
    func channels() throws {
        let rgb = try DecodedImage(width: 1, height: 1, channels: 3, pixels: [200, 100, 50])
        let grey = try DecodedImage(width: 1, height: 1, channels: 1, pixels: [7])
        let none: [Double]? = nil
        let toGrey = try ImagePreprocessor(
            .init(channels: 1, rescaleFactor: nil, mean: none, standardDeviation: none))
        let toRGB = try ImagePreprocessor(
            .init(channels: 3, rescaleFactor: nil, mean: none, standardDeviation: none))
        #expect(try toGrey.prepared(rgb).pixels == [124])  // PIL: Image.convert("L")
        #expect(try toRGB.prepared(grey).pixels == [7, 7, 7])
        #expect(try toRGB(rgb).shape == [3, 1, 1])
    }

    @Test("What is written is read back")
    func writing() throws {
        let folder = try TemporaryFolder()
        let configurations = [
            PreprocessingConfiguration(channels: 1, mean: [0.5], standardDeviation: [0.25]),
            PreprocessingConfiguration(
                channels: 3, resize: .shortestEdge(40), filter: .lanczos,
                crop: .init(height: 32, width: 30), mean: [0.1, 0.2, 0.3],
                standardDeviation: [1, 2, 3]),
            PreprocessingConfiguration(
                channels: 3, resize: .exact(height: 20, width: 24), filter: .bilinear,
                rescaleFactor: nil, mean: nil, standardDeviation: nil),
        ]
        for configuration in configurations {
            try ImagePreprocessor(configuration).write(
                to: folder.url.appending(path: "preprocessor_config.json"))
            let config = #"{"num_channels": \#(configuration.channels)}"#
            try Data(config.utf8).write(to: folder.url.appending(path: "config.json"))
            #expect(try ImagePreprocessor(folder: folder.url).configuration == configuration)
        }
    }

    @Test(
        "A configuration that makes no sense is refused",
        arguments: [
            #"{"image_mean": [0.5], "image_std": [0.5, 0.5, 0.5]}"#,
            #"{"image_std": [0, 1, 1]}"#,
            #"{"resample": 9}"#,
            #"{"size": {"longest_edge": 3}}"#,
            #"{"size": {"height": 100000, "width": 1}}"#,
            #"{"size": {"height": -1, "width": 1}}"#,
            #"{"do_center_crop": true}"#,
            #"{"image_processor_type": "CLIPImageProcessor"}"#,
            #"{"image_mean": "x"}"#,
            #"[]"#,
        ])
    func refusals(text: String) throws {
        let folder = try TemporaryFolder()
        try Data(text.utf8).write(to: folder.url.appending(path: "preprocessor_config.json"))
        let error = try #require(throws: LetheError.self) {
            try ImagePreprocessor(folder: folder.url)
        }
        #expect(error.remedy != nil)
    }

    @Test("A folder without a configuration is named")
    func missing() throws {
        let folder = try TemporaryFolder()
        let error = try #require(throws: LetheError.self) {
            try ImagePreprocessor(folder: folder.url)
        }
        #expect(error.code == .notFound)
    }
}
