public import Foundation
public import LetheRecords

/// Labelled images on disk; opening reads labels and positions, never pixels.
public struct ImageDataset: Sendable {
    /// The form of the files.
    public let format: DatasetFormat
    /// How many classes there are; labels are below it.
    public let classCount: Int
    /// The name of each class, where the files say it.
    public let classNames: [String]?
    /// The samples of each split, in the order of the files; forms without splits have one, "all".
    public let splits: [String: [Sample]]

    private let root: URL
    private let sources: [DatasetSource]
    private let encoding: ImageEncoding

    /// Opens a dataset.
    ///
    /// - Parameters:
    ///   - url: the folder that holds the files.
    ///   - format: the form; recognised from the files if nil.
    ///   - classCount: how many classes there are; counted if nil.
    /// - Throws: `notFound`, `malformed` (with the file and the place), `refused` for a link that
    ///   leaves the folder, `labelMismatch` if a label is not below `classCount`.
    public static func open(
        _ url: URL, format: DatasetFormat? = nil, classCount: Int? = nil
    ) throws(LetheError) -> ImageDataset {
        let format = if let format { format } else { try DatasetFormat.recognised(in: url) }
        let contents =
            switch format {
            case .folder: try FolderReader.read(url)
            case .tar: try TarReader.read(url)
            case .idx: try IDXReader.read(url)
            case .cifar10, .cifar100: try CIFARReader.read(url, format: format)
            }
        return try ImageDataset(contents, format: format, root: url, classCount: classCount)
    }

    private init(
        _ contents: DatasetContents, format: DatasetFormat, root: URL, classCount wanted: Int?
    ) throws(LetheError) {
        let samples = contents.splits.values.joined()
        guard !samples.isEmpty else {
            throw LetheError(
                code: .notFound, message: "\(root.lastPathComponent) holds no images.",
                remedy: "Check that the path is that of the dataset's folder.")
        }
        let largest = samples.lazy.map(\.label).max() ?? 0
        if let wanted, largest >= wanted {
            throw LetheError(
                code: .labelMismatch,
                message: "The dataset has a label \(largest), but only \(wanted) classes "
                    + "(labels 0 to \(wanted - 1)) are expected.",
                remedy: "Use the dataset that the model was trained for.")
        }
        let count = wanted ?? max(largest + 1, contents.classNames?.count ?? 0)
        self.format = format
        self.classCount = count
        classNames = contents.classNames?.count == count ? contents.classNames : nil
        splits = contents.splits
        self.root = root
        sources = contents.sources
        encoding = contents.encoding
    }

    /// The bytes of one sample exactly as they are stored: a whole JPEG or PNG file, or raw pixels.
    ///
    /// - Throws: `io`, `notFound` or `malformed` if the file changed since the dataset was opened.
    public func bytes(of sample: Sample) throws(LetheError) -> [UInt8] {
        switch sample.location {
        case .file(let path):
            return try FileReading.whole(
                root.appending(path: path), maximumSizeBytes: ImageEncoding.maximumFileSizeBytes)
        case .range(let source, let offset, let count):
            switch sources[source] {
            case .file(let url):
                return try FileReading.range(of: url, offset: offset, count: count)
            case .memory(let bytes): return Array(bytes[offset..<offset + count])
            }
        }
    }

    /// The decoded image of one sample.
    ///
    /// - Throws: what `bytes(of:)` and `DecodedImage.decode` throw.
    public func image(of sample: Sample) throws(LetheError) -> DecodedImage {
        try encoding.decode(bytes(of: sample))
    }

    /// Words by which a person finds a sample; class names, which may be names of people, are only
    /// part of it where they are part of the sample's own path.
    public func description(of sample: Sample) -> String {
        if case .file(let path) = sample.location { return path }
        if format == .tar {
            return "sample \(sample.index) of split \(sample.split) in index.tsv"
        }
        return "sample \(sample.index) of split \(sample.split)"
    }
}

/// What a reader found in the files of one form.
struct DatasetContents {
    var splits: [String: [Sample]] = [:]
    var classNames: [String]?
    var sources: [DatasetSource] = []
    var encoding: ImageEncoding

    /// Appends a sample at the end of its split.
    mutating func append(split: String, label: Int, location: Sample.Location) {
        let index = splits[split]?.count ?? 0
        splits[split, default: []].append(
            Sample(split: split, index: index, label: label, location: location))
    }
}

/// A big file that holds many samples.
enum DatasetSource: Sendable {
    case file(URL)
    /// The inflated content of a gzip file.
    case memory([UInt8])
}

/// How the bytes of a sample hold its pixels.
enum ImageEncoding: Sendable {
    /// A JPEG or PNG file.
    case file
    /// Grey rows.
    case grey(width: Int, height: Int)
    /// 32 x 32 red, then green, then blue bytes, as in CIFAR.
    case planes(width: Int, height: Int)

    /// The largest image file that is read, in bytes.
    static let maximumFileSizeBytes = 256 << 20

    func decode(_ bytes: [UInt8]) throws(LetheError) -> DecodedImage {
        switch self {
        case .file: return try DecodedImage.decode(bytes)
        case .grey(let width, let height):
            return try DecodedImage(width: width, height: height, channels: 1, pixels: bytes)
        case .planes(let width, let height):
            let area = width * height
            guard bytes.count == 3 * area else {
                throw LetheError(code: .malformed, message: "A record is not 3 x \(area) bytes.")
            }
            var pixels = [UInt8](repeating: 0, count: 3 * area)
            for position in 0..<area {
                pixels[3 * position] = bytes[position]
                pixels[3 * position + 1] = bytes[area + position]
                pixels[3 * position + 2] = bytes[2 * area + position]
            }
            return try DecodedImage(width: width, height: height, channels: 3, pixels: pixels)
        }
    }
}
