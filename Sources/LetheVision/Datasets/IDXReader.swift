import Foundation
import LetheRecords

/// Reads the IDX files of MNIST and its successors (format: the description on the MNIST page):
/// a big-endian magic number with type and dimension count, the dimensions, then the bytes.
enum IDXReader {
    private static let splits = [("train", "train"), ("t10k", "test"), ("test", "test")]

    static func read(_ root: URL) throws(LetheError) -> DatasetContents {
        var contents = DatasetContents(encoding: .file)
        var size: (rows: Int, columns: Int)?
        for (prefix, split) in splits {
            guard let images = existing("\(prefix)-images-idx3-ubyte", in: root) else { continue }
            guard let labels = existing("\(prefix)-labels-idx1-ubyte", in: root) else {
                throw LetheError(
                    code: .notFound, message: "\(prefix)-labels-idx1-ubyte is missing.",
                    remedy: "Put the labels beside the images.")
            }
            let imageFile = try IDXFile(images, dimensions: 3)
            let labelFile = try IDXFile(labels, dimensions: 1)
            guard imageFile.lengths[0] == labelFile.lengths[0] else {
                throw IDXFile.malformed(
                    images,
                    "it has \(imageFile.lengths[0]) images for "
                        + "\(labelFile.lengths[0]) labels")
            }
            let rows = imageFile.lengths[1]
            let columns = imageFile.lengths[2]
            guard size == nil || size ?? (0, 0) == (rows, columns) else {
                throw IDXFile.malformed(images, "its images have another size than those before")
            }
            size = (rows, columns)
            try DecodedImage.checkSize(width: columns, height: rows)
            try append(imageFile, labels: labelFile.content(), split: split, to: &contents)
        }
        guard let size else {
            throw LetheError(
                code: .notFound,
                message: "There is no train-images-idx3-ubyte or "
                    + "t10k-images-idx3-ubyte in \(root.lastPathComponent).",
                remedy: "Give the folder that holds the IDX files, plain or gzipped.")
        }
        contents.encoding = .grey(width: size.columns, height: size.rows)
        contents.classNames = try ClassNames.read("classes.txt", in: root)
        return contents
    }

    private static func append(
        _ images: IDXFile, labels: [UInt8], split: String, to contents: inout DatasetContents
    ) throws(LetheError) {
        let count = images.lengths[1] * images.lengths[2]
        let source = contents.sources.count
        contents.sources.append(try images.source())
        let start = images.isCompressed ? 0 : images.headerSizeBytes
        for (index, label) in labels.enumerated() {
            contents.append(
                split: split, label: Int(label),
                location: .range(source: source, offset: start + index * count, count: count))
        }
    }

    private static func existing(_ name: String, in root: URL) -> URL? {
        [name, name + ".gz"].map { root.appending(path: $0) }.first(where: FileReading.exists)
    }
}

/// One IDX file whose header was checked against its size.
struct IDXFile {
    let url: URL
    let lengths: [Int]
    let isCompressed: Bool

    /// The largest content that is read, in bytes.
    private static let maximumContentBytes = 4 << 30
    /// Deflate (RFC 1951) packs at most 258 bytes into two bits.
    private static let maximumInflation = 1032

    var headerSizeBytes: Int { 4 + 4 * lengths.count }
    private var contentSizeBytes: Int { lengths.reduce(1, *) }

    init(_ url: URL, dimensions: Int) throws(LetheError) {
        self.url = url
        isCompressed = url.pathExtension == "gz"
        let headerSize = 4 + 4 * dimensions
        let header: [UInt8]
        if isCompressed {
            header = try Self.inflate(url, firstBytes: headerSize).data
        } else {
            header = try FileReading.range(of: url, offset: 0, count: headerSize)
        }
        guard header.count == headerSize, header[0] == 0, header[1] == 0, header[2] == 8,
            header[3] == UInt8(dimensions)
        else {
            throw Self.malformed(url, "it is not an IDX file of bytes in \(dimensions) dimensions")
        }
        lengths = (0..<dimensions).map { dimension in
            header[4 + 4 * dimension..<8 + 4 * dimension].reduce(0) { $0 << 8 | Int($1) }
        }
        try checkSize()
    }

    private func checkSize() throws(LetheError) {
        var total = 1
        for length in lengths {
            let (product, overflow) = total.multipliedReportingOverflow(by: length)
            guard !overflow else { throw Self.malformed(url, "its dimensions overflow") }
            total = product
        }
        let size = try FileReading.sizeBytes(of: url)
        guard total <= Self.maximumContentBytes,
            !isCompressed || total / Self.maximumInflation <= size
        else { throw Self.malformed(url, "it declares \(total) bytes of content") }
        guard isCompressed || size == headerSizeBytes + total else {
            throw Self.malformed(
                url, "its header declares \(headerSizeBytes + total) bytes, the file has \(size)")
        }
    }

    /// The bytes after the header.
    func content() throws(LetheError) -> [UInt8] {
        guard isCompressed else {
            return try FileReading.range(
                of: url, offset: headerSizeBytes, count: contentSizeBytes)
        }
        let size = headerSizeBytes + contentSizeBytes
        let (data, isWhole) = try Self.inflate(url, firstBytes: size)
        guard data.count == size, isWhole else {
            throw Self.malformed(url, "its content is not the \(size) bytes its header declares")
        }
        return Array(data[headerSizeBytes...])
    }

    func source() throws(LetheError) -> DatasetSource {
        isCompressed ? .memory(try content()) : .file(url)
    }

    private static func inflate(
        _ url: URL, firstBytes count: Int
    ) throws(LetheError) -> (data: [UInt8], isWhole: Bool) {
        let packed = try FileReading.whole(url, maximumSizeBytes: maximumContentBytes)
        do throws(LetheError) {
            return try Gzip.inflate(packed, firstBytes: count)
        } catch {
            throw malformed(url, error.message)
        }
    }

    static func malformed(_ url: URL, _ reason: String) -> LetheError {
        LetheError(
            code: .malformed, message: "\(url.lastPathComponent) is not valid: \(reason).",
            remedy: "Fetch the file again from its source.")
    }
}
