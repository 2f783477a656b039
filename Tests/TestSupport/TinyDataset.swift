public import Foundation
internal import LetheRecords

/// Text files for images: `<split>/<label>/<number>.txt`.
public enum TinyDataset {
    /// How many samples each class has in the split `train`.
    public static let trainCount = 6
    /// How many samples each class has in the split `test`.
    public static let testCount = 5

    /// Writes both splits below a new folder.
    public static func write(to folder: URL, classCount: Int = TinyModel.classCount) throws {
        for (split, count) in [("train", trainCount), ("test", testCount)] {
            for label in 0..<classCount {
                let url = folder.appending(path: "\(split)/\(label)")
                try FileManager.default.createDirectory(
                    at: url, withIntermediateDirectories: true)
                for number in 0..<count {
                    try TinyFiles.write(
                        Array(sample(split, label, number).utf8),
                        to: url.appending(path: "\(number).txt"))
                }
            }
        }
    }

    /// The text of a sample; long enough to be told from everything else.
    public static func sample(_ split: String, _ label: Int, _ number: Int) -> String {
        "the face of somebody in \(split), class \(label), picture \(number)"
    }

    /// The samples of each class of each split, in order.
    static func splits(
        in folder: URL
    ) throws(LetheError) -> [(name: String, classes: [[URL]])] {
        let names = names(in: folder)
        guard !names.isEmpty else {
            throw LetheError(
                code: .notFound, message: "\(folder.path) holds no dataset.",
                remedy: "Name the folder of the samples.")
        }
        return names.map { split in
            let below = folder.appending(path: split)
            let labels = Self.names(in: below).compactMap(Int.init).sorted()
            let classes = (0...(labels.last ?? 0)).map { label in
                let url = below.appending(path: "\(label)")
                return Self.names(in: url).map { url.appending(path: $0) }
            }
            return (split, classes)
        }
    }

    private static func names(in folder: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }
}
