internal import Foundation
internal import LetheRecords

@testable internal import LetheVision

extension Target {
    static let datasetTargets = [
        // A byte of switches, the length of the labels in two bytes, labels, images.
        Target(name: "idx", longestInputBytes: 2048) { input in
            guard input.count > 3 else { return }
            let count = min(Int(input[1]) | Int(input[2]) << 8, input.count - 3)
            let labels = Array(input[3..<3 + count])
            let images = Array(input[(3 + count)...])
            let folder = MemoryFolder.idx
            folder.write(labels, "t10k-labels-idx1-ubyte", isGzip: input[0] & 1 == 1)
            folder.write(images, "t10k-images-idx3-ubyte", isGzip: input[0] & 2 == 2)
            try checkDataset(ImageDataset.open(folder.url, format: .idx))
        },
        Target(name: "cifar10", longestInputBytes: 2 * 3073) { input in
            MemoryFolder.cifar.write(input, "test.bin")
            try checkDataset(ImageDataset.open(MemoryFolder.cifar.url, format: .cifar10))
        },
        Target(name: "cifar100", longestInputBytes: 2 * 3074) { input in
            MemoryFolder.cifar.write(input, "test.bin")
            try checkDataset(ImageDataset.open(MemoryFolder.cifar.url, format: .cifar100))
        },
        // The length of the table in two bytes, the table, the archive.
        Target(name: "tar", longestInputBytes: 8192) { input in
            guard input.count > 2 else { return }
            let length = min(Int(input[0]) | Int(input[1]) << 8, input.count - 2)
            let folder = MemoryFolder.tar
            folder.write(Array(input[2..<2 + length]), "index.tsv")
            let archive = TarFile.mended(Array(input[(2 + length)...]))
            folder.write(archive, "images.tar")
            for place in try TarArchive(folder.url.appending(path: "images.tar")).members.values {
                require(
                    place.lowerBound >= 0 && place.upperBound <= archive.count,
                    "A file lies outside its archive")
            }
            let dataset = try ImageDataset.open(folder.url, format: .tar)
            for sample in dataset.splits.values.joined().prefix(8) {
                _ = expecting("A listed file is read") { try dataset.bytes(of: sample) }
            }
        },
    ]

    /// Every listed image can be read, and has a class.
    private static func checkDataset(_ dataset: ImageDataset) {
        for sample in dataset.splits.values.joined().prefix(8) {
            require(0..<dataset.classCount ~= sample.label, "A sample has no class")
            let image = expecting("A listed image is read") { try dataset.image(of: sample) }
            require(
                image.pixels.count == image.width * image.height * image.channels,
                "An image has another number of pixels than it says")
        }
    }
}

/// A folder in memory that readers of files can open.
struct MemoryFolder {
    static let idx = MemoryFolder("idx")
    static let cifar = MemoryFolder("cifar")
    static let tar = MemoryFolder("tar")

    let url: URL
    private let path: String

    private init(_ name: String) {
        let root = ProcessInfo.processInfo.environment["FUZZ_FOLDER"] ?? "/dev/shm"
        path = "\(root)/lethe-fuzz-\(getpid())-\(name)"
        url = URL(fileURLWithPath: path)
        expecting("There is room for files in memory") {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        }
    }

    /// Writes a file in either of its two forms, and sees to it that the other is not there.
    func write(_ bytes: [UInt8], _ name: String, isGzip: Bool = false) {
        let plain = "\(path)/\(name)"
        let packed = plain + ".gz"
        unsafe unlink(isGzip ? plain : packed)
        let contents = isGzip ? Compression.deflated(bytes, .gzip) : bytes
        let file = unsafe open(isGzip ? packed : plain, O_CREAT | O_TRUNC | O_WRONLY, 0o600)
        defer { close(file) }
        let count = unsafe contents.withUnsafeBytes {
            unsafe Foundation.write(file, $0.baseAddress, $0.count)
        }
        require(count == contents.count, "There is no room for files in memory")
    }
}

/// Headers of tar archives.
enum TarFile {
    /// The archive with the checksum of every header put right where the header was meant as one.
    static func mended(_ archive: [UInt8]) -> [UInt8] {
        var bytes = archive
        for start in stride(from: 0, to: bytes.count - 511, by: 512)
        where bytes[start + 257..<start + 262].elementsEqual("ustar".utf8) {
            for position in 148..<156 { bytes[start + position] = 32 }
            let sum = bytes[start..<start + 512].reduce(0) { $0 + Int($1) }
            let digits = String(sum, radix: 8)
            let field = String(repeating: "0", count: 6 - digits.count) + digits
            bytes.replaceSubrange(start + 148..<start + 154, with: field.utf8)
            bytes[start + 154] = 0
        }
        return bytes
    }
}
