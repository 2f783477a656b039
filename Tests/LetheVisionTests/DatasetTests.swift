import Foundation
import LetheRecords
import LetheVision
import TestSupport
import Testing

@Suite("Datasets")
struct DatasetTests {
    @Test("SPLIT/CLASS/FILE folders: classes are sorted over all splits")
    func splitFolders() throws {
        let files = try DatasetFiles()
        let png = try VisionFixtures.bytes("rgb.png")
        for path in ["train/dog/1.png", "train/cat/b.png", "train/cat/a.PNG", "test/eel/x.jpg"] {
            try files.write(png, path)
        }
        try files.write("not an image", "README.md")
        try files.write("hidden", "train/cat/.DS_Store")
        let dataset = try ImageDataset.open(files.url)
        #expect(dataset.format == .folder)
        #expect(dataset.classNames == ["cat", "dog", "eel"])
        let train = try #require(dataset.splits["train"])
        #expect(train.map(\.label) == [0, 0, 1])
        #expect(train.map(\.index) == [0, 1, 2])
        #expect(dataset.description(of: train[0]) == "train/cat/a.PNG")
        #expect(dataset.splits["test"]?.map(\.label) == [2])
        #expect(try dataset.bytes(of: train[2]) == png)
        #expect(try dataset.image(of: train[2]).width == 37)
    }

    @Test("CLASS/FILE folders have the split all")
    func classFolders() throws {
        let files = try DatasetFiles()
        try files.write("x", "b/1.png")
        try files.write("x", "a/1.png")
        let dataset = try ImageDataset.open(files.url)
        #expect(dataset.splits.keys.sorted() == ["all"])
        #expect(dataset.splits["all"]?.map(\.label) == [0, 1])
        #expect(dataset.classCount == 2)
    }

    @Test("A link is followed inside the dataset and refused when it leaves it")
    func links() throws {
        let files = try DatasetFiles()
        try files.write("x", "a/1.png")
        try FileManager.default.createSymbolicLink(
            at: files.url.appending(path: "a/2.png"),
            withDestinationURL: files.url.appending(path: "a/1.png"))
        #expect(try ImageDataset.open(files.url).splits["all"]?.count == 2)
        try FileManager.default.createSymbolicLink(
            at: files.url.appending(path: "a/3.png"),
            withDestinationURL: URL(fileURLWithPath: "/etc/hostname"))
        let error = try #require(throws: LetheError.self) { try ImageDataset.open(files.url) }
        #expect(error.code == .refused)
        #expect(error.says("3.png"))
    }

    @Test("A linked file is as long as what it points to; a link to nothing is not found")
    func linkedFiles() throws {
        let files = try DatasetFiles()
        try files.write(DatasetFiles.cifar(labels: [[3], [9]]), "kept")
        let link = files.url.appending(path: "test.bin")
        try FileManager.default.createSymbolicLink(
            at: link, withDestinationURL: files.url.appending(path: "kept"))
        let dataset = try ImageDataset.open(files.url, format: .cifar10)
        #expect(dataset.splits["test"]?.map(\.label) == [3, 9])
        try FileManager.default.removeItem(at: files.url.appending(path: "kept"))
        let error = try #require(throws: LetheError.self) {
            try ImageDataset.open(files.url, format: .cifar10)
        }
        #expect(error.code == .notFound)
        #expect(error.says("test.bin"))
    }

    @Test("Mixed depths and folders in a class are refused")
    func mixedFolders() throws {
        let files = try DatasetFiles()
        try files.write("x", "train/a/1.png")
        try files.write("x", "b/1.png")
        #expect(throws: LetheError.self) { try ImageDataset.open(files.url) }
        let nested = try DatasetFiles()
        try nested.write("x", "train/a/1.png")
        try nested.write("x", "train/a/deep/1.png")
        #expect(throws: LetheError.self) { try ImageDataset.open(nested.url) }
    }

    @Test("CIFAR-10: red, green and blue planes become pixels")
    func cifar10() throws {
        let files = try DatasetFiles()
        try files.write(DatasetFiles.cifar(labels: [[3], [9]]), "data_batch_1.bin")
        try files.write(DatasetFiles.cifar(labels: [[1]]), "data_batch_2.bin")
        try files.write(DatasetFiles.cifar(labels: [[0]]), "test_batch.bin")
        let dataset = try ImageDataset.open(files.url)
        #expect(dataset.format == .cifar10)
        let train = try #require(dataset.splits["train"])
        #expect(train.map(\.label) == [3, 9, 1])
        let image = try dataset.image(of: train[1])
        #expect(image.pixels.prefix(6) == [1, 1, 1, 2, 2, 2])
        #expect(try dataset.bytes(of: train[1]).count == 3072)
    }

    @Test("CIFAR-100: the fine label counts; the size tells the format")
    func cifar100() throws {
        let files = try DatasetFiles()
        try files.write(DatasetFiles.cifar(labels: [[2, 77], [2, 5]]), "test.bin")
        let dataset = try ImageDataset.open(files.url)
        #expect(dataset.format == .cifar100)
        #expect(dataset.splits["test"]?.map(\.label) == [77, 5])
        #expect(dataset.classCount == 78)
        #expect(try ImageDataset.open(files.url, classCount: 100).classCount == 100)
        let error = try #require(throws: LetheError.self) {
            try ImageDataset.open(files.url, classCount: 10)
        }
        #expect(error.code == .labelMismatch)
    }

    @Test("Damaged CIFAR files are refused with the place")
    func damagedCIFAR() throws {
        let short = try DatasetFiles()
        try short.write([UInt8](repeating: 0, count: 3072), "data_batch_1.bin")
        #expect(throws: LetheError.self) { try ImageDataset.open(short.url) }
        let label = try DatasetFiles()
        try label.write(DatasetFiles.cifar(labels: [[1], [12]]), "data_batch_1.bin")
        let error = try #require(throws: LetheError.self) { try ImageDataset.open(label.url) }
        #expect(error.says("Record 1", "12"))
        let unclear = try DatasetFiles()
        try unclear.write([UInt8](repeating: 0, count: 5), "test.bin")
        #expect(throws: LetheError.self) { try ImageDataset.open(unclear.url) }
    }

    @Test("IDX files give grey images")
    func idx() throws {
        let files = try DatasetFiles()
        try files.write(
            DatasetFiles.idx([2, 2, 3], Array(0..<12)), "train-images-idx3-ubyte")
        try files.write(DatasetFiles.idx([2], [1, 0]), "train-labels-idx1-ubyte")
        let dataset = try ImageDataset.open(files.url)
        #expect(dataset.format == .idx)
        let samples = try #require(dataset.splits["train"])
        #expect(samples.map(\.label) == [1, 0])
        let image = try dataset.image(of: samples[1])
        #expect((image.width, image.height, image.channels) == (3, 2, 1))
        #expect(image.pixels == Array(6..<12))
    }

    static let damagedIDX: [(images: [UInt8], labels: [UInt8])] = [
        (DatasetFiles.idx([2, 2, 3], Array(0..<11)), DatasetFiles.idx([2], [1, 0])),
        (DatasetFiles.idx([2, 2, 3], Array(0..<13)), DatasetFiles.idx([2], [1, 0])),
        (DatasetFiles.idx([2, 2, 3], Array(0..<12)), DatasetFiles.idx([3], [1, 0, 1])),
        (DatasetFiles.idx([2, 2, 3], Array(0..<12), type: 13), DatasetFiles.idx([2], [1, 0])),
        (DatasetFiles.idx([4], Array(0..<4)), DatasetFiles.idx([2], [1, 0])),
        (
            DatasetFiles.idx([0x7FFF_FFFF, 0x7FFF_FFFF, 0x7FFF_FFFF], []),
            DatasetFiles.idx([2], [1, 0])
        ),
        (DatasetFiles.idx([0, 0, 0], []), DatasetFiles.idx([0], [])),
        ([0, 0, 8], DatasetFiles.idx([2], [1, 0])),
    ]

    @Test("Damaged IDX files are refused, whatever sizes they declare", arguments: damagedIDX)
    func damagedIDXFiles(images: [UInt8], labels: [UInt8]) throws {
        let files = try DatasetFiles()
        try files.write(images, "train-images-idx3-ubyte")
        try files.write(labels, "train-labels-idx1-ubyte")
        #expect(throws: LetheError.self) { try ImageDataset.open(files.url) }
    }

    @Test("A gzip file that declares far more than it can hold is refused before memory is taken")
    func gzipBomb() throws {
        let files = try DatasetFiles()
        // gzip of the header of an IDX file of 4,000 x 1,000 x 1,000 bytes, made by Python.
        let packed = try #require(
            Data(
                base64Encoded: "H4sIAAAAAAACA2Ng4GBmYOBfwMDA/AKEAfUnS2wQAAAA"))
        try files.write([UInt8](packed), "t10k-images-idx3-ubyte.gz")
        try files.write(DatasetFiles.idx([1], [0]), "t10k-labels-idx1-ubyte")
        #expect(throws: LetheError.self) { try ImageDataset.open(files.url) }
    }

    @Test("A missing label file is named")
    func missingLabels() throws {
        let files = try DatasetFiles()
        try files.write(DatasetFiles.idx([1, 1, 1], [0]), "t10k-images-idx3-ubyte")
        let error = try #require(throws: LetheError.self) { try ImageDataset.open(files.url) }
        #expect(error.says("t10k-labels-idx1-ubyte"))
    }

    @Test("Something that is no dataset is refused with the forms that are known")
    func unknown() throws {
        let files = try DatasetFiles()
        try files.write("x", "notes.txt")
        let error = try #require(throws: LetheError.self) { try ImageDataset.open(files.url) }
        #expect(error.code == .notFound)
        #expect(error.says("images.tar", "CIFAR", "IDX"))
        #expect(throws: LetheError.self) {
            try ImageDataset.open(files.url.appending(path: "nowhere"))
        }
    }
}
