import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

@Suite("Models that are refused")
struct ModelRefusalTests {
    static let configurations: [(model: String, changes: [String: JSONValue], words: [String])] = [
        ("vit", ["architectures": ["ResNetForImageClassification"]], ["ResNetForImage", "ViTFor"]),
        ("vit", ["model_type": "beit"], ["beit"]),
        ("vit", ["architectures": .null], ["not supported"]),
        ("dinov2", ["use_swiglu_ffn": true], ["SwiGLU", "small, base or large"]),
        ("vit", ["hidden_act": "swish"], ["swish"]),
        ("vit", ["num_attention_heads": 3], ["3 heads", "16"]),
        ("vit", ["num_hidden_layers": 0], ["number of layers"]),
        ("vit", ["hidden_size": 1.5], ["hidden_size"]),
        ("vit", ["image_size": [16, 32]], ["image_size", "square"]),
        ("vit", ["image_size": 0], ["image size, 0"]),
        ("vit", ["image_size": -16], ["image size, -16"]),
        ("vit", ["hidden_size": 0], ["hidden size, 0"]),
        ("vit", ["num_channels": 4], ["4 channels"]),
        ("vit", ["num_hidden_layers": 1], ["unexpected", "vit.encoder.layer.1"]),
        ("vit", ["num_hidden_layers": 3], ["missing", "vit.encoder.layer.2", "more"]),
        ("vit", ["intermediate_size": 25], ["shape [24", "[25"]),
        ("vit", ["qkv_bias": false], ["unexpected", "query.bias"]),
        ("timm-vit", ["architecture": "vit_relpos_base_patch16_224"], ["vit_relpos_base"]),
        ("timm-vit", ["architecture": "vit_small_patch14_reg4_dinov2"], ["reg4"]),
        ("timm-vit", ["model_args": ["qk_norm": true]], ["qk_norm"]),
        ("timm-vit", ["num_classes": 0], ["without a head"]),
    ]

    @Test("A configuration that does not fit is refused with its reason", arguments: configurations)
    func configuration(
        model: String, changes: [String: JSONValue], words: [String]
    ) throws {
        let temporary = try TemporaryFolder()
        let folder = try VisionFixtures.copy(model, into: temporary, changing: changes)
        let error = try #require(throws: LetheError.self) {
            try VisionTransformer.load(folder: folder)
        }
        for word in words { #expect(error.says(word), "\(error)") }
        #expect(error.remedy != nil)
    }

    @Test(
        "A pickle is refused with the line that converts it",
        arguments: ["pytorch_model.bin", "best.pth"])
    func pickle(name: String) throws {
        let temporary = try TemporaryFolder()
        let folder = try VisionFixtures.copy("vit", into: temporary)
        try FileManager.default.moveItem(
            at: folder.appending(path: "model.safetensors"), to: folder.appending(path: name))
        let error = try #require(throws: LetheError.self) {
            try VisionTransformer.load(folder: folder)
        }
        #expect(error.code == .refused)
        #expect(error.says(name, "python -c", "safetensors"))
    }

    @Test("A folder without weights is named")
    func noWeights() throws {
        let temporary = try TemporaryFolder()
        let folder = try VisionFixtures.copy("vit", into: temporary)
        try FileManager.default.removeItem(at: folder.appending(path: "model.safetensors"))
        let error = try #require(throws: LetheError.self) {
            try VisionTransformer.load(folder: folder)
        }
        #expect(error.code == .notFound)
    }

    @Test("Shards outside the folder are refused")
    func shardPath() throws {
        let temporary = try TemporaryFolder()
        let folder = try VisionFixtures.copy("vit", into: temporary)
        try FileManager.default.moveItem(
            at: folder.appending(path: "model.safetensors"),
            to: temporary.url.appending(path: "model.safetensors"))
        try Data(#"{"weight_map": {"a": "../model.safetensors"}}"#.utf8)
            .write(to: folder.appending(path: "model.safetensors.index.json"))
        let error = try #require(throws: LetheError.self) {
            try VisionTransformer.load(folder: folder)
        }
        #expect(error.code == .malformed)
    }

    @Test(
        "Weights that are whole numbers or doubles, which float32 cannot keep, are refused",
        arguments: [ElementType.int8, .float64])
    func otherWeights(type: ElementType) throws {
        let temporary = try TemporaryFolder()
        let folder = try VisionFixtures.copy("vit", into: temporary)
        let url = folder.appending(path: "model.safetensors")
        let file = try Safetensors.open(url)
        let tensors = try file.names.map { ($0, try file.tensor(named: $0).converted(to: type)) }
        try Safetensors.write(tensors, to: url)
        let error = try #require(throws: LetheError.self) {
            try VisionTransformer.load(folder: folder)
        }
        #expect(error.code == .unsupported)
    }

    @Test("Images of a wrong size or with wrong channels are refused with a remedy")
    func wrongImages() throws {
        let vit = try VisionTransformer.load(folder: VisionFixtures.models.appending(path: "vit"))
        let dinov2 = try VisionTransformer.load(
            folder: VisionFixtures.models.appending(path: "dinov2"))
        for (model, shape) in [
            (vit, [1, 3, 20, 16]), (vit, [1, 1, 16, 16]), (vit, [3, 16, 16]),
            (dinov2, [1, 3, 3, 16]),
        ] {
            let error = try #require(throws: LetheError.self) {
                try model.logits(Tensor(zeros: shape))
            }
            #expect(error.code == .invalidArgument)
        }
    }
}
