import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport

/// Where this module's golden files are and how they are read.
enum VisionFixtures {
    static let folder = Locations.fixtures.appending(path: "vision")
    static let images = folder.appending(path: "images")
    static let models = folder.appending(path: "models")

    static func image(_ name: String) throws -> DecodedImage {
        try DecodedImage.decode([UInt8](Data(contentsOf: images.appending(path: name))))
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: images.appending(path: name)))
    }

    /// The largest distance between two tensors of one shape.
    static func distance(_ left: Tensor, _ right: Tensor) throws -> Double {
        guard left.shape == right.shape else { return .infinity }
        return Double(try (left - right).absolute().maximum().scalar())
    }

    /// A model folder with another config.json, or with changed members of it.
    static func copy(
        _ model: String, into folder: TemporaryFolder, changing members: [String: JSONValue] = [:]
    ) throws -> URL {
        let target = folder.url.appending(path: model)
        try FileManager.default.copyItem(at: models.appending(path: model), to: target)
        let file = target.appending(path: "config.json")
        var config =
            try StrictJSON.parse([UInt8](Data(contentsOf: file))).objectValue ?? [:]
        for (name, value) in members { config[name] = value }
        try JSONEncoder().encode(JSONValue.object(config)).write(to: file)
        return target
    }
}

extension LetheError {
    /// Whether message and remedy together say all of the words.
    func says(_ words: String...) -> Bool {
        words.allSatisfy { description.contains($0) }
    }
}
