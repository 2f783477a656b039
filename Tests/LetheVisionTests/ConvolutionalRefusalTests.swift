import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

@Suite("Convolutional networks that are refused")
struct ConvolutionalRefusalTests {
    static let configurations: [(model: String, changes: [String: JSONValue], words: [String])] = [
        ("resnet-basic", ["architectures": ["ResNeXt"]], ["ResNeXt", "CifarResNet", "ViTFor"]),
        ("resnet-basic", ["stem": "deep"], ["stem", "imagenet"]),
        ("resnet-basic", ["block": "inverted"], ["inverted", "bottleneck"]),
        ("resnet-basic", ["stage_channels": .null], ["stage_channels"]),
        ("resnet-basic", ["stage_channels": [2, 4]], ["differ in length"]),
        ("resnet-basic", ["image_size": .null], ["image_size"]),
        ("resnet-basic", ["num_labels": 0], ["number of classes"]),
        ("resnet-basic", ["num_channels": 2], ["2 channels"]),
        ("resnet-basic", ["stem_channels": 0], ["stem's number of channels, 0"]),
        ("resnet-basic", ["blocks_per_stage": [0, 1, 1, 1]], ["number of blocks, 0"]),
        ("resnet-basic", ["stage_strides": [1, 2, 2, 0]], ["stride, 0"]),
        ("resnet-basic", ["blocks_per_stage": [1, 1, 1, 1]], ["unexpected", "layer1.1"]),
        ("resnet-basic", ["blocks_per_stage": [2, 2, 1, 1]], ["missing", "layer2.1"]),
        ("resnet-basic", ["id2label": ["0": "a"]], ["1 names for 5"]),
        ("resnet-bottleneck", ["stage_channels": [8, 18, 32, 64]], ["quarter 18"]),
        ("resnet-cifar-padded", ["shortcut": "option_c"], ["option_c"]),
        ("resnet-cifar-padded", ["stage_channels": [4, 7, 16]], ["widen"]),
        ("resnet-cifar-padded", ["pool": "maximum"], ["maximum", "global average"]),
        ("resnet-cifar-projected", ["pool": "average 5x5"], ["pool of 5"]),
        (
            "efficientnet-lite", ["stage_kernels": [3, 5]], ["differ in length"]
        ),
        ("efficientnet-lite", ["stage_expansions": [1, 2, 0]], ["expansion, 0"]),
        ("efficientnet-lite", ["stage_strides": .null], ["stage_strides"]),
        ("efficientnet-lite", ["head_channels": 17], ["shape [16", "[17"]),
        ("resnet-transformers", ["hidden_act": "gelu"], ["gelu", "relu"]),
        ("resnet-transformers", ["hidden_sizes": [4.5, 12]], ["hidden_sizes"]),
    ]

    @Test("A configuration that does not fit is refused with its reason", arguments: configurations)
    func configuration(
        model: String, changes: [String: JSONValue], words: [String]
    ) throws {
        let temporary = try TemporaryFolder()
        let folder = try VisionFixtures.copy(model, into: temporary, changing: changes)
        let error = try #require(throws: LetheError.self) {
            try ClassifierLoading.load(folder: folder)
        }
        for word in words { #expect(error.says(word), "\(error)") }
        #expect(error.remedy != nil)
    }

    @Test("Images of a wrong size or with wrong channels are refused; transformers' has no size")
    func wrongImages() throws {
        let fixed = try ResNet.load(folder: VisionFixtures.models.appending(path: "resnet-basic"))
        let free = try ResNet.load(
            folder: VisionFixtures.models.appending(path: "resnet-transformers"))
        for (model, shape) in [
            (fixed, [1, 3, 33, 40]), (fixed, [1, 1, 33, 33]), (free, [3, 40, 40]),
        ] {
            let error = try #require(throws: LetheError.self) {
                try model.logits(Tensor(zeros: shape))
            }
            #expect(error.code == .invalidArgument)
        }
        #expect(try free.logits(Tensor(zeros: [1, 3, 50, 34])).shape == [1, 5])
    }

    @Test("Training on a single number a channel is refused before the statistics are spoilt")
    func tooSmallBatch() throws {
        let model = try ResNet.load(
            folder: VisionFixtures.models.appending(path: "resnet-transformers"))
        model.isTraining = true
        let error = try #require(throws: LetheError.self) {
            try model.logits(Tensor(zeros: [1, 3, 4, 4]))
        }
        #expect(error.code == .invalidArgument)
        #expect(error.says("two images"))
    }
}
